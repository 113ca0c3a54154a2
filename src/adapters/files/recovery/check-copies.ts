import { join } from 'node:path';
import type { z } from 'zod';
import { codeOf } from '../../../lib/io/files.js';
import { MemoryError, messageOf } from '../../../model/errors.js';
import type { StoreContext } from '../context.js';
import { assistantSchema, isShapedLike, longTermSchema, shortTermSchema } from '../copies/copies.js';
import { DamagedFile, readJsonFile } from '../copies/json-file.js';
import { decodeId, type Version } from '../layout.js';
import { refuseNewer } from '../log/journal-format.js';

/** A copy as it was read. `value` is null when nothing of it is usable. */
export interface FoundCopy<T> {
  readonly path: string;
  readonly shown: string;
  readonly value: T | null;
  /** What is wrong with the file; null when it is intact. */
  readonly problem: string | null;
  /**
   * The disk cannot read it, so a new copy replaces it. Anything other than a file must be moved away first.
   */
  readonly unreadable?: 'file' | 'no file' | undefined;
}

export interface FoundCopies {
  readonly shortTerm: FoundCopy<z.infer<typeof shortTermSchema>> | null;
  readonly longTerm: FoundCopy<z.infer<typeof longTermSchema>> | null;
  readonly assistants: readonly FoundCopy<z.infer<typeof assistantSchema>>[];
}

/**
 * Reads the copies that a checkpoint leaves for people and for recovery. A copy that cannot be read is only a
 * problem of that copy. Throws STORE_NEWER.
 */
export async function findCopies(context: StoreContext): Promise<FoundCopies> {
  const { layout } = context;
  return {
    shortTerm: await findCopy(context, layout.shortTerm, 'short_term.json', shortTermSchema),
    longTerm: await findCopy(context, layout.longTerm, 'long_term_user.json', longTermSchema),
    assistants: await findAssistants(context),
  };
}

async function findAssistants(context: StoreContext): Promise<FoundCopies['assistants']> {
  const { files, layout } = context;
  const path = layout.assistants;
  let names: string[];
  try {
    names = await files.list(path);
  } catch (error) {
    return [unreadable(path, `${layout.shown}/assistants`, error)];
  }
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith('.json') && decodeId(name.slice(0, -'.json'.length)) !== null)
      .map((name) => findCopy(context, join(path, name), `assistants/${name}`, assistantSchema)),
  );
  return found.filter((copy) => copy !== null);
}

async function findCopy<T>(
  { files, layout }: StoreContext,
  path: string,
  name: string,
  schema: z.ZodType<T>,
): Promise<FoundCopy<T> | null> {
  const shown = `${layout.shown}/${name}`;
  try {
    const value = await readJsonFile(files, path);
    if (value === null) return null;
    refuseNewer(value, shown);
    if (isShapedLike(schema, value)) return { path, shown, value, problem: null };
    return { path, shown, value: null, problem: 'does not have the expected fields' };
  } catch (error) {
    if (error instanceof MemoryError) throw error;
    if (!(error instanceof DamagedFile)) return unreadable(path, shown, error);
    refuseNewer(error.value, shown);
    const parsed = schema.safeParse(error.value);
    return { path, shown, value: parsed.success ? parsed.data : null, problem: error.message };
  }
}

function unreadable(path: string, shown: string, error: unknown): FoundCopy<never> {
  const code = codeOf(error);
  const isNoFile = code === 'EISDIR' || code === 'ENOTDIR';
  const problem = `cannot be read (${code ?? messageOf(error)})`;
  return { path, shown, value: null, problem, unreadable: isNoFile ? 'no file' : 'file' };
}

/** All copies, of every kind. */
export function everyCopy(copies: FoundCopies): FoundCopy<Version>[] {
  return [copies.shortTerm, copies.longTerm, ...copies.assistants].filter((copy) => copy !== null);
}
