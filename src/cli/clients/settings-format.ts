import { parse as parseToml, patch as patchToml } from '@decimalturn/toml-patch';
import jsonc from 'jsonc-parser';
import { isMap, parseDocument } from 'yaml';
import { MemoryError, messageOf } from '../../model/errors.js';
import { withValue } from './json-edit.js';

export type Settings = Readonly<Record<string, unknown>>;

/** A settings format in which one value can be changed while the rest stays as a person wrote it. */
export interface SettingsFormat {
  /** Throws CONFIG_INVALID with line and column for text that does not have this format. */
  parse(file: string, text: string): Settings;
  /** The text with one value set, or removed (`undefined`). The text must be accepted by {@link parse}. */
  set(text: string, path: readonly string[], value: unknown): string;
}

/** Chosen by the file's ending; JSON with comments by default. */
export function formatOf(file: string): SettingsFormat {
  if (/\.toml$/i.test(file)) return toml;
  return /\.ya?ml$/i.test(file) ? yaml : json;
}

const json: SettingsFormat = {
  parse(file, text) {
    const before = text.trim() === '' ? '{}' : text;
    const errors: jsonc.ParseError[] = [];
    const value: unknown = jsonc.parse(before, errors, { allowTrailingComma: true });
    const [problem] = errors;
    if (problem === undefined && isObject(value)) return value;
    const lines = before.slice(0, problem?.offset ?? 0).split('\n');
    const where =
      problem === undefined
        ? 'it is not an object'
        : `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
    throw unreadable(file, 'JSON', where);
  },
  set(text, path, value) {
    const before = text.trim() === '' ? '{}\n' : text;
    return withValue(before, path, value, lineEndOf(before));
  },
};

const toml: SettingsFormat = {
  parse(file, text) {
    try {
      return parseToml(text);
    } catch (cause) {
      throw unreadable(file, 'TOML', messageOf(cause).split('\n')[0] ?? '');
    }
  },
  set(text, path, value) {
    const whole = changed(parseToml(text), path, value);
    // TOML 1.0 allows no comma at the end of an inline table.
    const options = { trailingComma: false, inlineTableStart: 2, newLine: lineEndOf(text) };
    const isNew = value !== undefined && at(parseToml(text), path) === undefined;
    if (isNew && isObject(value) && path.length === 2) {
      // Adds a separate table at the end, as people write it.
      const [group = '', name = ''] = path;
      const block = patchToml('', { [group]: { [name]: value } }, options).replace(/^\[[^\]]*\]\s*/, '');
      const eol = lineEndOf(text);
      const longer = `${text.trimEnd()}${text.trim() === '' ? '' : eol.repeat(2)}${block.trimEnd().replaceAll(/\r?\n/g, eol)}${eol}`;
      if (saysTheSame(longer, whole)) return longer;
    }
    const patched = patchToml(text, whole, options);
    return patched === '' || patched.endsWith('\n') ? patched : `${patched}${lineEndOf(text)}`;
  },
};

const yaml: SettingsFormat = {
  parse(file, text) {
    const document = parseDocument(text);
    const [problem] = document.errors;
    if (problem !== undefined) throw unreadable(file, 'YAML', problem.message.split('\n')[0] ?? '');
    const value: unknown = document.toJS() ?? {};
    if (!isObject(value)) throw unreadable(file, 'YAML', 'it is not a mapping');
    return value;
  },
  set(text, path, value) {
    const document = parseDocument(text);
    if (value === undefined) document.deleteIn(path);
    else if (document.contents === null || isMap(document.contents))
      document.setIn(path, document.createNode(value));
    return document.toString({ lineWidth: 0 }).replaceAll('\n', lineEndOf(text));
  },
};

/** The value under these keys. */
export function at(settings: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), settings);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function changed(
  settings: Settings,
  [key, ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (key === undefined) return { ...settings };
  const held = settings[key];
  const inner = rest.length === 0 ? value : changed(isObject(held) ? held : {}, rest, value);
  const { [key]: _old, ...others } = settings;
  return inner === undefined ? others : { ...settings, [key]: inner };
}

function saysTheSame(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(sorted(parseToml(text))) === JSON.stringify(sorted(value));
  } catch {
    return false;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value) || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function lineEndOf(text: string): '\n' | '\r\n' {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function unreadable(file: string, format: string, where: string): MemoryError {
  return new MemoryError(
    'CONFIG_INVALID',
    `${file} is not valid ${format} (${where}). Correct it first; nothing was changed.`,
  );
}
