import * as z from 'zod';
import { isTimeZone } from '../../lib/time/zone.js';
import { messageOf } from '../../model/errors.js';
import { toAssistantId, toUserId } from '../../model/ids.js';
import { projectCharactersMax } from '../../model/page.js';
import { logLevels } from './log-level.js';

/** Facts about a key in addition to its schema. */
interface KeyFacts {
  /** How text from the environment or a flag is parsed. Lists use commas there. */
  readonly kind: 'text' | 'number' | 'list' | 'flag';
  /** Completes "… must be". */
  readonly rule: string;
  /** The value is never shown, not even in part. */
  readonly secret?: true;
}

const factsOf = z.registry<KeyFacts>();

function text<Input = string>(rule: string, schema: z.ZodType<string, Input | string> = z.string()) {
  return schema.register(factsOf, { kind: 'text', rule });
}

function secret(rule = 'a text', schema: z.ZodType<string, string> = z.string()) {
  return schema.register(factsOf, { kind: 'text', rule, secret: true });
}

function flag() {
  return z.boolean().register(factsOf, { kind: 'flag', rule: 'true or false' });
}

function oneOf<const Name extends string>(names: readonly Name[]) {
  const quoted = names.map((name) => `"${name}"`);
  const rule = quoted.length === 2 ? quoted.join(' or ') : `one of ${quoted.join(', ')}`;
  return z.enum(names).register(factsOf, { kind: 'text', rule });
}

function list(rule: string, item: z.ZodType<string, string>) {
  return z.array(item).register(factsOf, { kind: 'list', rule });
}

function wholeNumber(from: number, to: number, meaning: { readonly from?: string } = {}) {
  const low = meaning.from === undefined ? from : `${from} (${meaning.from})`;
  const rule = `a whole number from ${low} to ${to}`;
  return z.number().int().min(from).max(to).register(factsOf, { kind: 'number', rule });
}

function number(from: number, to = Number.POSITIVE_INFINITY) {
  const rule =
    to === Number.POSITIVE_INFINITY ? `a number, ${from} or more` : `a number from ${from} to ${to}`;
  return z.number().min(from).max(to).register(factsOf, { kind: 'number', rule });
}

function above0(unit: string, to = Number.POSITIVE_INFINITY) {
  const most = to === Number.POSITIVE_INFINITY ? '' : `, at most ${to}`;
  return z
    .number()
    .positive()
    .max(to)
    .register(factsOf, { kind: 'number', rule: `a number of ${unit} above 0${most}` });
}

const httpUrl = z.string().refine((value) => /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value));
const postgresUrl = z
  .string()
  .refine((value) => /^postgres(?:ql)?:\/\/\S+$/.test(value) && URL.canParse(value));
const hostName = z.string().refine((value) => /^[^\s/@?#]+$/.test(value));
const webOrigin = httpUrl.refine((value) => URL.canParse(value) && new URL(value).origin === value);

/**
 * The keys of the configuration as written in the file, in the order of the documentation, with their
 * defaults.
 */
const shape = {
  user_id: text('a name such as "alice"', z.string().superRefine(passes(toUserId))).default('default_user'),
  assistant_id: text(
    'a name such as "default_assistant_profile"',
    z.string().superRefine(passes(toAssistantId)),
  ).default('default_assistant_profile'),
  openai_api_key: secret().optional(),
  openai_base_url: text('a URL such as "https://api.openai.com/v1"', httpUrl).optional(),
  llm_model: text('the name of a model, such as "gpt-4o-mini"').default('gpt-4o-mini'),
  llm_timeout_seconds: above0('seconds', 3600).default(60),
  llm_concurrency: wholeNumber(1, 100).default(4),
  store: oneOf(['files', 'postgres']).default('files'),
  database_url: secret('a URL such as "postgres://memoryos@localhost/memoryos"', postgresUrl).optional(),
  background_work: flag().default(true),
  migrate: oneOf(['auto', 'manual']).default('auto'),
  /** Absolute after loading. */
  data_storage_path: text('the path of a folder').optional(),
  embedding_model_name: text('"builtin", "words" or the name of a model').default('builtin'),
  embedding_api_key: secret().optional(),
  embedding_base_url: text('a URL such as "http://localhost:11434/v1"', httpUrl).optional(),
  short_term_capacity: wholeNumber(1, 10_000).default(10),
  mid_term_capacity: wholeNumber(1, 1_000_000).default(2000),
  long_term_knowledge_capacity: wholeNumber(1, 100_000).default(100),
  retrieval_queue_capacity: wholeNumber(1, 1000).default(7),
  max_tokens: wholeNumber(1, 1_000_000).default(1200),
  relevance_min: number(0, 1).optional(),
  max_answer_bytes: wholeNumber(10_000, 64 * 1024 * 1024).default(1024 * 1024),
  redact_secrets: flag().default(true),
  project: text(
    `the name of a project, ${projectCharactersMax} characters at most`,
    z.string().max(projectCharactersMax),
  ).optional(),
  time_zone: text(
    'the name of a time zone such as "Europe/Berlin"',
    z.string().refine(isTimeZone),
  ).optional(),
  mid_term_heat_threshold: number(0).default(5),
  mid_term_similarity_threshold: number(0, 2).default(0.6),
  recency_tau_hours: above0('hours').default(24),
  daily_backups_kept: wholeNumber(0, 365).default(7),
  transport: oneOf(['stdio', 'http']).default('stdio'),
  http_host: text('an address or a host name such as "127.0.0.1" or "0.0.0.0"', hostName).default(
    '127.0.0.1',
  ),
  http_port: wholeNumber(0, 65_535).default(3000),
  http_allowed_hosts: list('a list of host names such as ["memory.example.com"]', hostName).default([]),
  http_allowed_origins: list(
    'a list of origins such as ["https://app.example.com"], without a path',
    webOrigin,
  ).default([]),
  /** Absolute after loading, like the path of the key. */
  http_tls_cert: text('the path of a certificate in PEM form').optional(),
  http_tls_key: text('the path of a private key in PEM form').optional(),
  trust_proxy: text(
    'a number of proxies such as "1", or their addresses such as "loopback, 10.0.0.0/8"',
    z.union([z.string(), z.number().int().min(1).max(32).transform(String)]),
  ).optional(),
  oauth_issuer: text('a URL such as "https://login.example.com"', httpUrl).optional(),
  oauth_audience: text(
    'the audience that tokens are issued for, such as "https://memory.example.com/mcp"',
  ).optional(),
  oauth_client_id: text('the id under which the pages are registered at the issuer').optional(),
  /** Default: true with files, false with a database. */
  http_sessions: flag().optional(),
  max_sessions: wholeNumber(1, 100_000).default(1000),
  max_sessions_per_user: wholeNumber(1, 100_000).default(100),
  session_idle_minutes: above0('minutes', 10_080).default(30),
  max_open_users: wholeNumber(1, 100_000).default(100),
  user_idle_minutes: above0('minutes', 10_080).default(10),
  rate_limit_per_minute: wholeNumber(0, 1_000_000, { from: 'no limit' }).default(600),
  log_level: oneOf(logLevels).default('info'),
};

export const configSchema = z.strictObject(shape).superRefine((config, context) => {
  if (config.store === 'files' && !config.background_work) {
    context.addIssue({
      code: 'custom',
      path: ['background_work'],
      message: 'false is for "store": "postgres". On files, each server works on the memories it has open.',
    });
  }
  if (config.store === 'postgres' && config.database_url === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['store'],
      message: '"postgres" also needs database_url. Set both.',
    });
  }
  for (const [key, needed] of together) {
    if (config[key] === undefined || config[needed] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [key], message: `needs ${needed} too. Set both or neither.` });
  }
});

const together = [
  ['http_tls_cert', 'http_tls_key'],
  ['http_tls_key', 'http_tls_cert'],
  ['oauth_issuer', 'oauth_audience'],
  ['oauth_audience', 'oauth_issuer'],
  ['oauth_client_id', 'oauth_issuer'],
] as const;

/** The configuration in use: every key is valid, defaults are filled in, paths are absolute. */
export type Config = Omit<z.infer<typeof configSchema>, 'data_storage_path'> & {
  readonly data_storage_path: string;
};
export type ConfigKey = keyof typeof shape;

/** The facts about a key. The schema's limits and their wording are defined together. */
export function keyFacts(key: ConfigKey): KeyFacts {
  const facts = factsOf.get(shape[key].unwrap());
  if (facts === undefined) throw new Error(`${key} has no facts`);
  return facts;
}

/** Keys with paths, which are relative to the file that contains them. */
export const pathKeys = ['data_storage_path', 'http_tls_cert', 'http_tls_key'] as const;

/** All keys, in the order of the documentation. */
export const keyNames = Object.keys(shape) as ConfigKey[];

export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(shape, name);
}

/** The environment variable of a key. */
export function environmentName(key: ConfigKey): string {
  return `MEMORYOS_${key.toUpperCase()}`;
}

/** The configuration in a form that may be shown: keys and tokens appear only as set or not set. */
export function redactConfig(config: Config): Record<ConfigKey, unknown> {
  return Object.fromEntries(
    keyNames.map((key) => [
      key,
      keyFacts(key).secret ? (config[key] ? '(set)' : null) : (config[key] ?? null),
    ]),
  ) as Record<ConfigKey, unknown>;
}

function passes(check: (text: string) => unknown) {
  return (value: string, context: z.core.$RefinementCtx<string>) => {
    try {
      check(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  };
}
