import { readFile, writeFile } from 'node:fs/promises';
import { Option } from 'commander';
import { createOpenAiEmbedder } from '../src/adapters/openai/embedder.js';
import { wordsIn } from '../src/lib/text/words.js';
import { VectorTable } from '../src/retrieval/index/vector-table.js';
import { command, existingFile } from './command.js';

const { model, words } = command({
  call: 'npm run make:kindred --',
  about:
    'Writes assets/kindred-english.txt: for English index terms, the terms of similar meaning, nearest first. The file in the package was made with all-MiniLM-L6-v2 (Apache-2.0) from the whole words of the vocabulary of BERT uncased.',
  time: 'minutes, depending on the embedding model.',
  needs:
    'an embedding model behind OPENAI_BASE_URL (such as http://localhost:11434/v1) and OPENAI_API_KEY, and a list of words.',
})
  .requiredOption('--model <name>', 'name of the embedding model')
  .addOption(
    new Option('--words <file>', 'the words to compare, one a line')
      .argParser(existingFile)
      .makeOptionMandatory(),
  )
  .parse()
  .opts<{ model: string; words: string }>();

/** Words with a cosine above this (each embedded alone) have a similar meaning or belong to the same subject. */
const cosineMin = 0.7;
const kinMax = 8;

/** Pairs of words for the same subjects that the model does not find similar by themselves. */
const everyday = [
  'home live house reside apartment flat move address',
  'work job employ employer company career profession occupation',
  'like love enjoy favorite favourite fond prefer',
  'dislike hate',
  'pet dog cat puppy kitten',
  'kid child son daughter baby toddler',
  'parent mother father mom mum dad',
  'sibling brother sister',
  'partner wife husband spouse girlfriend boyfriend',
  'marry marriage wedding wife husband fiance',
  'doctor physician medical hospital',
  'car vehicle drive',
  'film movie cinema',
  'book novel read author',
  'music song band concert instrument',
  'eat meal dish food cook recipe dinner lunch breakfast restaurant',
  'holiday vacation trip travel journey visit',
  'sport exercise gym workout training fitness',
  'sick ill illness disease allergy allergic',
  'buy purchase bought',
  'birthday born age',
  'study school university college degree student class course',
  'money pay price cost salary',
  'gift present',
  'picture photo image painting',
  'name call',
  'start begin',
  'finish end complete',
];

const kin = await kinByTerm(model, await readFile(words, 'utf8'));
const lines = [...kin]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([term, others]) => `${term} ${others.join(' ')}`);
await writeFile(new URL('../assets/kindred-english.txt', import.meta.url), `${lines.join('\n')}\n`);
process.stdout.write(`${lines.length} terms, ${[...kin.values()].flat().length} similar ones\n`);

async function kinByTerm(model: string, list: string): Promise<Map<string, string[]>> {
  const apart = termsApart();
  const entries = [...new Set(list.split('\n'))]
    .filter((word) => /^[a-z]{3,}$/.test(word))
    .map((word) => ({ word, terms: wordsIn(word, 'english') }))
    .flatMap(({ word, terms: [term, ...more] }) =>
      term === undefined || more.length > 0 || apart.has(term) ? [] : [{ word, term }],
    );
  const vectors = await embedded(
    model,
    entries.map(({ word }) => word),
  );
  const table = new VectorTable(vectors[0]?.length ?? 0);
  vectors.forEach((vector, row) => {
    table.set(row, vector);
  });
  const nearness = new Map<string, Map<string, number>>();
  const cosines = new Float32Array(entries.length);
  entries.forEach(({ term }, row) => {
    table.scan(vectors[row] ?? new Float32Array(table.dimensions), entries.length, cosines);
    const near = nearness.get(term) ?? new Map<string, number>();
    nearness.set(term, near);
    entries.forEach((other, at) => {
      const cosine = cosines[at] ?? 0;
      if (cosine < cosineMin || other.term === term) return;
      near.set(other.term, Math.max(near.get(other.term) ?? 0, cosine));
    });
  });
  const kin = new Map<string, string[]>();
  for (const [term, near] of nearness) {
    const nearest = [...near].sort(([, a], [, b]) => b - a).slice(0, kinMax);
    if (nearest.length > 0)
      kin.set(
        term,
        nearest.map(([other]) => other),
      );
  }
  for (const group of everyday) {
    const terms = [...new Set(wordsIn(group, 'english'))];
    for (const term of terms) {
      kin.set(term, [...new Set([...(kin.get(term) ?? []), ...terms.filter((other) => other !== term)])]);
    }
  }
  return kin;
}

async function embedded(model: string, words: readonly string[]): Promise<Float32Array[]> {
  const embedder = createOpenAiEmbedder({
    model,
    baseUrl: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.OPENAI_API_KEY,
  });
  const vectors: Float32Array[] = [];
  for (let from = 0; from < words.length; from += 512) {
    vectors.push(...(await embedder.embed(words.slice(from, from + 512))));
    process.stderr.write(`\r${vectors.length}/${words.length}`);
  }
  process.stderr.write('\n');
  return vectors;
}

/** Days, numbers and countries. Their vectors are near each other, but a question about one is not about another. */
function termsApart(): Set<string> {
  const dates = Array.from({ length: 12 }, (_, i) => {
    const day = new Date(Date.UTC(2024, i, i + 1));
    return day.toLocaleDateString('en', { weekday: 'long', month: 'long', timeZone: 'UTC' });
  });
  const times =
    'day week weekend month year today yesterday tomorrow tonight morning evening night hour minute';
  const numbers =
    'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
    'eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion first ' +
    'second third fourth fifth sixth seventh eighth ninth tenth half double twice';
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
  const codes = letters.flatMap((a) => letters.map((b) => a + b));
  const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  const names = codes.flatMap((code) => [regions.of(code) ?? '', languages.of(code.toLowerCase()) ?? '']);
  return new Set([...dates, times, numbers, ...names].flatMap((text) => wordsIn(text, 'english')));
}
