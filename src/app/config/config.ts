import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { MemoryError } from '../../model/errors.js';
import { fileChanges, nearestKey, readConfigFile } from './config-file.js';
import {
  type Config,
  type ConfigKey,
  configSchema,
  environmentName,
  isConfigKey,
  keyFacts,
  keyNames,
  pathKeys,
} from './config-keys.js';
import { defaultDataPath, userConfigFile, withHome } from './folders.js';

export { type Config, type ConfigKey, redactConfig } from './config-keys.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigRequest {
  /** Path of the file from `--config`. Absent: the user's own file, if it exists. */
  readonly file?: string | undefined;
  /** Path of the user's own file; absent: the system's usual place. */
  readonly userFile?: string | undefined;
  /** True: no file is read, not even the user's own. */
  readonly withoutFile?: boolean | undefined;
  /** Values set by a program that uses the library, by key. */
  readonly keys?: Readonly<Record<string, unknown>> | undefined;
  /** Values of command-line flags, by key. */
  readonly flags?: Readonly<Partial<Record<ConfigKey, string>>> | undefined;
  readonly env?: Environment | undefined;
  readonly cwd?: string | undefined;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute path of the file that was read; null when there was none. */
  readonly file: string | null;
  /** What differs from the defaults or needs attention, for the log. */
  readonly notices: readonly string[];
  /** The defaults in use for the file and the data folder; empty when both are configured. */
  readonly defaults: readonly string[];
  /**
   * Returns the configuration if the file has changed since it was last read; null when it has not changed or
   * there is no file. Throws CONFIG_INVALID once for each change.
   */
  readonly reread: () => Config | null;
}

interface Given {
  readonly value: unknown;
  /** The source for messages: the file, the variable or the flag. */
  readonly from: string;
  /** The folder that a relative path refers to. */
  readonly base: string;
}

/**
 * The configuration from flags, environment, file and defaults, in this order of precedence. Throws
 * CONFIG_INVALID with all problems at once.
 */
export function loadConfig(request: ConfigRequest = {}): LoadedConfig {
  const cwd = request.cwd ?? process.cwd();
  const env = request.env ?? process.env;
  const file = request.withoutFile ? null : fileToRead(request, env, cwd);
  const given = new Map<ConfigKey, Given>();
  const problems: string[] = [];
  const notices: string[] = [];

  if (file !== null) takeFile(file, given, problems);
  takeEnvironment(env, cwd, given, notices);
  takeKeys(request.keys ?? {}, { from: 'options', base: cwd }, given, problems);
  for (const [key, value] of Object.entries(request.flags ?? {})) {
    if (isConfigKey(key))
      given.set(key, { value: fromText(key, value), from: `--${flagName(key)}`, base: cwd });
  }

  const parsed = configSchema.safeParse(
    Object.fromEntries([...given].map(([key, { value }]) => [key, value])),
  );
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(describe(issue.path[0], issue, given));
  }
  if (problems.length > 0 || !parsed.success) throw invalid(file, problems);

  const defaults: string[] = [];
  if (file === null)
    defaults.push('No configuration file; the defaults are used. "memoryos-mcp init" writes one.');
  else notices.push(`Configuration: ${file}.`);
  const paths = absolutePaths(parsed.data, given, cwd);
  const isNamed = (request.file ?? (env.MEMORYOS_CONFIG || undefined)) !== undefined;
  const meant = isNamed ? memoryMeantFrom(cwd, given.get('data_storage_path')) : null;
  if (meant !== null) {
    notices.push(
      `${file} names the data folder relative to the working directory, as for the Python server: ${meant} holds a memory and ${paths.data_storage_path} does not, so ${meant} is used. Set data_storage_path to this path, so that the memory is found from every folder.`,
    );
    paths.data_storage_path = meant;
  }
  const data = paths.data_storage_path ?? defaultDataPath();
  if (paths.data_storage_path === undefined) defaults.push(`The memory is kept in ${data}.`);
  const changed = file === null ? () => false : fileChanges(file);
  const reread = () => (changed() ? loadConfig({ ...request, file: file ?? undefined }).config : null);
  return { config: { ...parsed.data, ...paths, data_storage_path: data }, file, notices, defaults, reread };
}

type Paths = Partial<Record<(typeof pathKeys)[number], string>>;

function absolutePaths(
  values: { readonly [Key in keyof Paths]: string | undefined },
  given: ReadonlyMap<ConfigKey, Given>,
  cwd: string,
): Paths {
  const absolute: Paths = {};
  for (const key of pathKeys) {
    const value = values[key];
    if (value !== undefined) absolute[key] = path.resolve(given.get(key)?.base ?? cwd, withHome(value));
  }
  return absolute;
}

/**
 * The Python server resolves a relative data folder against the working directory. Returns that folder when
 * it contains a memory and the one beside the file does not. Checked only for a configuration file that was
 * named explicitly; nothing else in a working directory is used.
 */
function memoryMeantFrom(cwd: string, data: Given | undefined): string | null {
  if (data === undefined || typeof data.value !== 'string' || data.base === cwd) return null;
  const name = withHome(data.value);
  const meant = path.resolve(cwd, name);
  const beside = path.resolve(data.base, name);
  return meant !== beside && !holdsMemory(beside) && holdsMemory(meant) ? meant : null;
}

/** Whether the folder contains a memory of any user, of this program or of the Python server. */
function holdsMemory(folder: string): boolean {
  try {
    return readdirSync(path.join(folder, 'users'), { withFileTypes: true }).some((entry) =>
      entry.isDirectory(),
    );
  } catch {
    return false;
  }
}

/** Never a file in the working directory, because clients start servers in folders that others control. */
function fileToRead(request: ConfigRequest, env: Environment, cwd: string): string | null {
  const asked = request.file ?? (env.MEMORYOS_CONFIG || undefined);
  if (asked !== undefined) return path.resolve(cwd, withHome(asked));
  const own = request.userFile ?? userConfigFile();
  return existsSync(own) ? own : null;
}

function takeFile(file: string, given: Map<ConfigKey, Given>, problems: string[]): void {
  takeKeys(readConfigFile(file), { from: file, base: path.dirname(file) }, given, problems);
}

function takeKeys(
  values: Readonly<Record<string, unknown>>,
  source: Omit<Given, 'value'>,
  given: Map<ConfigKey, Given>,
  problems: string[],
): void {
  for (const [name, value] of Object.entries(values)) {
    if (!isConfigKey(name)) problems.push(`${name}: unknown key${suggestion(name)}`);
    else if (value !== '' && value !== null && value !== undefined) given.set(name, { value, ...source });
  }
}

function takeEnvironment(
  env: Environment,
  cwd: string,
  given: Map<ConfigKey, Given>,
  notices: string[],
): void {
  const names = new Map(keyNames.map((key) => [environmentName(key), key]));
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('MEMORYOS_') || value === undefined || value === '') continue;
    const key = names.get(name);
    if (key !== undefined) given.set(key, { value: fromText(key, value), from: name, base: cwd });
    else if (name !== 'MEMORYOS_CONFIG') notices.push(unknownVariable(name));
  }
  takeOpenAi(env, cwd, given);
}

/**
 * OPENAI_API_KEY and OPENAI_BASE_URL fill values that nothing else has set. They are used together, so that
 * the key is not sent to an endpoint it does not belong to.
 */
function takeOpenAi(env: Environment, cwd: string, given: Map<ConfigKey, Given>): void {
  const key = env.OPENAI_API_KEY;
  const url = env.OPENAI_BASE_URL;
  const urlGiven = given.get('openai_base_url')?.value;
  if (key && !given.has('openai_api_key')) {
    const ownEndpoint = urlGiven === undefined || urlGiven === url || isOpenAi(urlGiven);
    if (ownEndpoint) given.set('openai_api_key', { value: key, from: 'OPENAI_API_KEY', base: cwd });
  }
  const keyFromHere = given.get('openai_api_key')?.from === 'OPENAI_API_KEY';
  if (url && urlGiven === undefined && (keyFromHere || !given.has('openai_api_key'))) {
    given.set('openai_base_url', { value: url, from: 'OPENAI_BASE_URL', base: cwd });
  }
}

function isOpenAi(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && new URL(url).hostname === 'api.openai.com';
}

function unknownVariable(name: string): string {
  const nearest = nearestKey(name.slice('MEMORYOS_'.length));
  const hint = nearest === undefined ? '' : ` Did you mean ${environmentName(nearest)}?`;
  return `The environment variable ${name} matches no configuration key and is ignored.${hint}`;
}

function fromText(key: ConfigKey, text: string): unknown {
  const { kind } = keyFacts(key);
  if (kind === 'list') return text.split(',').flatMap((part) => part.trim() || []);
  if (kind === 'flag' && /^(?:true|false)$/i.test(text.trim())) return text.trim().toLowerCase() === 'true';
  if (kind === 'text' || kind === 'flag' || text.trim() === '') return text;
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}

function flagName(key: ConfigKey): string {
  if (key === 'data_storage_path') return 'data';
  if (key === 'user_id') return 'user';
  if (key === 'http_host' || key === 'http_port') return key.slice('http_'.length);
  return key.replaceAll('_', '-');
}

function describe(
  key: PropertyKey | undefined,
  issue: { readonly code: string; readonly message: string },
  given: ReadonlyMap<ConfigKey, Given>,
): string {
  if (typeof key !== 'string' || !isConfigKey(key)) return issue.message;
  const { value, from } = given.get(key) ?? { value: undefined, from: '' };
  const where = path.isAbsolute(from) ? key : `${key} (from ${from})`;
  const custom = issue.code === 'custom' && /\. /.test(issue.message) ? issue.message : undefined;
  return `${where}: ${custom ?? `must be ${keyFacts(key).rule}, not ${shown(key, value)}`}`;
}

function shown(key: ConfigKey, value: unknown): string {
  if (keyFacts(key).secret) return `a ${Array.isArray(value) ? 'list' : typeof value}`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function suggestion(name: string): string {
  const nearest = nearestKey(name);
  return nearest === undefined ? '' : `; the nearest known one is ${nearest}`;
}

function invalid(file: string | null, problems: readonly string[]): MemoryError {
  const where = file ?? 'The configuration';
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new MemoryError(
    'CONFIG_INVALID',
    `${where} has ${count}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  );
}
