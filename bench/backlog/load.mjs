import { createMemory } from '../../dist/index.js';

/** Adds to the memory of a folder with a number of clients, each without a pause. */
const [folder, secondsGiven, clientsGiven] = process.argv.slice(2);
const memory = await createMemory({
  data_storage_path: folder,
  embedding_model_name: 'words',
  daily_backups_kept: 0,
});

const people = ['Mara', 'Ivo', 'Selin', 'Odd', 'Petra', 'Kwame', 'Lucia', 'Tom'];
const doings = ['planted', 'repaired', 'painted', 'sold', 'borrowed', 'photographed', 'cleaned', 'described'];
const things = ['an apple tree', 'the gearbox', 'a blue door', 'a bicycle', 'two kayaks', 'the old mill'];
const of = (list, index) => list[index % list.length];
const sentence = (index) =>
  `${of(people, index)} ${of(doings, Math.floor(index / 20))} ${of(things, Math.floor(index / 60))} on day ${index}.`;

process.stdout.write(`clients that add without a pause: ${clientsGiven}\n`);
const endMs = Date.now() + Number(secondsGiven) * 1000;
const latencies = [];
let added = 0;
let most = 0;

async function client() {
  while (Date.now() < endMs) {
    added += 1;
    const index = added;
    const begun = performance.now();
    await memory.add({ userInput: sentence(index), agentResponse: `${of(people, index)} liked it.` });
    latencies.push(performance.now() - begun);
  }
}

async function tell() {
  const { short_term: shortTerm, mid_term: midTerm } = await memory.stats();
  most = Math.max(most, shortTerm.pages);
  process.stdout.write(
    `  ${added} added, ${shortTerm.pages} waiting (at most ${most}), ${midTerm.segments} segments\n`,
  );
}

const telling = setInterval(() => void tell(), 10_000);
await Promise.all(Array.from({ length: Number(clientsGiven) }, client));
clearInterval(telling);
latencies.sort((a, b) => a - b);
const at = (share) => latencies[Math.floor(share * (latencies.length - 1))].toFixed(0);
process.stdout.write(`  an add took ${at(0.5)} ms (median), ${at(0.99)} ms (99 %)\n`);
process.exit(0);
