import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { redactSecrets } from '../../src/lib/text/secrets.js';

/**
 * False alarms of the redaction of secrets: places replaced in texts that hold none. Talk is LoCoMo and REALTALK, code
 * the sources of the packages this project is built with. Usage: npm run bench:secrets (-- --code-mb 40)
 */
const flag = process.argv.indexOf('--code-mb');
const codeBytesMax = (flag === -1 ? 20 : Number(process.argv[flag + 1])) * 1024 * 1024;
const dataFolder = process.env.MEMORYOS_BENCH_DATA ?? '../shared/data';

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
  const samples: unknown = JSON.parse(readFileSync(path.join(dataFolder, file), 'utf8'));
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
  let left = codeBytesMax;
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
    // Its rules quote keys as examples.
    if (entry.name.startsWith('.') || file.includes('secretlint')) continue;
    if (entry.isDirectory()) yield* filesBelow(file);
    else if (/\.(?:[cm]?[jt]s|md|json|ya?ml)$/.test(entry.name)) yield file;
  }
}

console.log('| texts | number | million characters | false alarms |');
console.log('|---|---:|---:|---:|');
const shown: string[] = [];
for (const [name, texts] of [
  ['LoCoMo dev, turns', turns('locomo/dev.json')],
  ['REALTALK dev, turns', turns('realtalk/dev.json')],
  ['code, files', code()],
] as const) {
  const { texts: number, characters, alarms } = await count(texts);
  console.log(`| ${name} | ${number} | ${(characters / 1e6).toFixed(1)} | ${alarms.length} |`);
  shown.push(...alarms);
}
for (const alarm of shown.slice(0, 60)) console.log(`  ${alarm}`);
