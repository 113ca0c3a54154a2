import { createFileStore } from '../../dist/adapters/files/file-store.js';
import { createSystemClock } from '../../dist/adapters/system-clock.js';
import { createThreadedAnalyser } from '../../dist/analysis/builtin/threaded-analyser.js';
import { UserMemory } from '../../dist/engine/user-memory.js';
import { toAssistantId, toUserId } from '../../dist/model/ids.js';
import { createBuiltinEmbedder } from '../../dist/retrieval/builtin-embedder.js';

const [folder = '', secondsGiven = '60'] = process.argv.slice(2);
const clock = createSystemClock();
const store = await createFileStore({ dataDir: folder, clock }).open(toUserId('bench'));
const engine = new UserMemory({
  store,
  embedder: createBuiltinEmbedder(),
  builtinAnalyser: createThreadedAnalyser(),
  chatModel: null,
  clock,
  report: (_, message) => void process.stdout.write(`  ${message}\n`),
  notices: [],
  assistantId: toAssistantId('bench'),
  settings: {
    shortTermCapacityPages: 10,
    midTermCapacitySegments: 2000,
    knowledgeCapacityFacts: 100,
    retrievalQueueCapacityPages: 7,
    heatMin: 5,
    similarityMin: 0.6,
    heatWeights: { alpha: 1, beta: 1, gamma: 1, recencyTauMs: 86_400_000 },
    retryBaseMs: 1000,
    retryMaxMs: 10_000,
  },
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
  await engine.add({ userInput: sentence(added), agentResponse: `${of(people, added)} liked it.` });
  most = Math.max(most, store.state.shortTerm.length);
  if (Date.now() < nextMs) continue;
  nextMs += 10_000;
  const waiting = store.state.shortTerm.length;
  process.stdout.write(
    `  ${added} added, ${waiting} waiting (at most ${most}), ${store.state.segments.size} segments\n`,
  );
}
process.exit(0);
