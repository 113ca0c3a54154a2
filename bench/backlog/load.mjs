import { createMemory } from '../../dist/index.js';

const [folder = '', secondsGiven = '60'] = process.argv.slice(2);
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

process.stdout.write('adding without a pause, one after the other:\n');
const endMs = Date.now() + Number(secondsGiven) * 1000;
let added = 0;
let most = 0;
for (let nextMs = Date.now() + 10_000; Date.now() < endMs; ) {
  added += 1;
  await memory.add({ userInput: sentence(added), agentResponse: `${of(people, added)} liked it.` });
  if (Date.now() < nextMs) continue;
  nextMs += 10_000;
  const { short_term: shortTerm, mid_term: midTerm } = await memory.stats();
  most = Math.max(most, shortTerm.pages);
  process.stdout.write(
    `  ${added} added, ${shortTerm.pages} waiting (at most ${most}), ${midTerm.segments} segments\n`,
  );
}
process.exit(0);
