import { access, constants, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../app/config/config.js';
import { messageOf } from '../model/errors.js';

/** One line of `doctor`. */
export interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** What to do; '' when nothing. */
  readonly todo: string;
}

/** The same as `engines` in package.json. */
const nodeMin = { major: 20, minor: 19 };
const freeBytesMin = 100 * 1024 * 1024;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > nodeMin.major || (major === nodeMin.major && minor >= nodeMin.minor);
  return {
    check: 'node',
    level: enough ? 'ok' : 'error',
    message: `v${version}`,
    todo: enough ? '' : `install Node.js ${nodeMin.major}.${nodeMin.minor} or newer`,
  };
}

/** Checks that the data folder exists or can be created, is writable, and has space. Writes nothing. */
export async function checkData(folder: string): Promise<Finding[]> {
  const check = 'data folder';
  const before = await stat(folder).catch(() => null);
  if (before !== null && !before.isDirectory()) {
    const todo = 'name another folder with data_storage_path or --data';
    return [{ check, level: 'error', message: `${folder} is a file`, todo }];
  }
  const place = await nearest(folder);
  try {
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const todo = 'allow this user to write there, or name another folder with data_storage_path or --data';
    return [{ check, level: 'error', message: `${folder} cannot be written: ${messageOf(error)}`, todo }];
  }
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const low = free < freeBytesMin;
  const message = `${folder}${place === folder ? '' : ' (does not exist yet)'}, ${Math.round(free / 1024 / 1024)} MB free`;
  return [{ check, level: low ? 'warning' : 'ok', message, todo: low ? 'free space on this disk' : '' }];
}

/** The folder, or the closest existing folder above it. */
async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    if (at === path.dirname(at) || (await stat(at).catch(() => null)) !== null) return at;
  }
}

/** Checks that the configured providers answer and accept the key. */
export async function checkModels(config: Config): Promise<Finding[]> {
  const [{ builtinNames, chatEndpoint, embeddingEndpoint, wordsOnly }, { checkEndpoint }] = await Promise.all(
    [import('../app/models/model-endpoint.js'), import('../app/models/check-endpoint.js')],
  );
  const chat = chatEndpoint(config);
  const embeddings = embeddingEndpoint(config);
  const findings: Finding[] = [
    chat === null
      ? { check: 'provider', level: 'ok', message: 'none set: the built-in analyser reads English', todo: '' }
      : { check: 'provider', ...(await checkEndpoint(chat)) },
  ];
  if (embeddings !== null) findings.push({ check: 'embeddings', ...(await checkEndpoint(embeddings)) });
  else if (![...builtinNames, wordsOnly].includes(config.embedding_model_name)) {
    findings.push({
      check: 'embeddings',
      level: 'warning',
      message: `the model ${config.embedding_model_name} is not available here; all-MiniLM-L6-v2, which comes with the package, is used`,
      todo: 'set embedding_base_url to a server that has it, or embedding_model_name to "builtin"',
    });
  }
  return findings;
}
