import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/** Writes the checksums of the model's files. Loading compares them, so that a damaged file is found. */
const assets = new URL('../assets/sentence-model/', import.meta.url);
const names = ['weights.bin', 'word-pieces.txt', 'reduction.bin', 'forward.wasm'];
const sums = await Promise.all(
  names.map(async (name) => [
    name,
    createHash('sha256')
      .update(await readFile(new URL(name, assets)))
      .digest('hex'),
  ]),
);
await writeFile(new URL('manifest.json', assets), `${JSON.stringify(Object.fromEntries(sums), null, 2)}\n`);
