import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { command, conversationFiles, needsConversations, numberFrom } from '../../scripts/command.js';
import { redactSecrets } from '../../src/lib/text/secrets.js';

const { data, codeMb } = command({
  call: 'npm run bench:secrets --',
  about:
    'Counts false alarms when secrets are redacted: places that are replaced in texts without a secret. The texts are the sources of the packages in node_modules and the turns of --data. Prints the number and the first 60 places.',
  time: 'seconds.',
  needs: `${needsConversations} Without --data, only the sources are read.`,
})
  .addOption(conversationFiles(false).default([]))
  .option('--code-mb <n>', 'how much of the sources is read, in MB', numberFrom(0), 20)
  .parse()
  .opts<{ data: string[]; codeMb: number }>();

interface Row {
  texts: number;
  characters: number;
  readonly alarms: string[];
}

async function count(texts: Iterable<string>): Promise<Row> {
  const row: Row = { texts: 0, characters: 0, alarms: [] };
  for (const text of texts) {
    row.texts += 1;
    row.characters += text.length;
    const { text: redacted, places } = await redactSecrets(text);
    if (places > 0) row.alarms.push(...around(redacted));
  }
  return row;
}

/** The replaced texts, each with a little text around it. */
function around(redacted: string): string[] {
  return [...redacted.matchAll(/.{0,40}\[redacted: [a-z ]+\].{0,20}/g)].map(([found]) => found);
}

function* turns(file: string): Generator<string> {
  const samples: unknown = JSON.parse(readFileSync(file, 'utf8'));
  yield* textsIn(samples);
}

function* textsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* textsIn(one);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      if (key === 'text' && typeof one === 'string') yield one;
      else yield* textsIn(one);
    }
  }
}

function* code(): Generator<string> {
  let left = codeMb * 1024 * 1024;
  for (const file of filesBelow('node_modules')) {
    const { size } = statSync(file);
    if (size > 512 * 1024) continue;
    left -= size;
    if (left < 0) return;
    yield readFileSync(file, 'utf8');
  }
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    // The rules of secretlint quote keys as examples.
    if (entry.name.startsWith('.') || file.includes('secretlint')) continue;
    if (entry.isDirectory()) yield* filesBelow(file);
    else if (/\.(?:[cm]?[jt]s|md|json|ya?ml)$/.test(entry.name)) yield file;
  }
}

console.log('| texts | number | million characters | false alarms |');
console.log('|---|---:|---:|---:|');
const shown: string[] = [];
const sources = [
  ...data.map((file) => [`${file}, turns`, turns(file)] as const),
  ['code, files', code()] as const,
];
for (const [name, texts] of sources) {
  const { texts: number, characters, alarms } = await count(texts);
  console.log(`| ${name} | ${number} | ${(characters / 1e6).toFixed(1)} | ${alarms.length} |`);
  shown.push(...alarms);
}
for (const alarm of shown.slice(0, 60)) console.log(`  ${alarm}`);
