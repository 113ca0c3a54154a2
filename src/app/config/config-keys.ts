import { z } from 'zod';
import { isTimeZone } from '../../lib/time/zone.js';
import { messageOf } from '../../model/errors.js';
import { toAssistantId, toUserId } from '../../model/ids.js';
import { logLevels } from './log-level.js';

const wholeNumber = (from: number, to: number) => z.number().int().min(from).max(to);
const httpUrl = z.string().refine((text) => /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text));

const hostName = z.string().refine((text) => /^[^\s/@?#]+$/.test(text));
const webOrigin = httpUrl.refine((text) => URL.canParse(text) && new URL(text).origin === text);

/** The configuration's keys, as the file spells them, with their defaults. */
const shape = {
  user_id: z.string().superRefine(passes(toUserId)).default('default_user'),
  assistant_id: z.string().superRefine(passes(toAssistantId)).default('default_assistant_profile'),
  openai_api_key: z.string().optional(),
  openai_base_url: httpUrl.optional(),
  llm_model: z.string().default('gpt-4o-mini'),
  llm_timeout_seconds: z.number().positive().max(3600).default(60),
  llm_concurrency: wholeNumber(1, 100).default(4),
  /** Absolute once loaded. */
  data_storage_path: z.string().optional(),
  embedding_model_name: z.string().default('builtin'),
  embedding_api_key: z.string().optional(),
  embedding_base_url: httpUrl.optional(),
  short_term_capacity: wholeNumber(1, 10_000).default(10),
  mid_term_capacity: wholeNumber(1, 1_000_000).default(2000),
  long_term_knowledge_capacity: wholeNumber(1, 100_000).default(100),
  retrieval_queue_capacity: wholeNumber(1, 1000).default(7),
  max_tokens: wholeNumber(1, 1_000_000).default(1200),
  relevance_min: z.number().min(0).max(1).optional(),
  time_zone: z.string().refine(isTimeZone).optional(),
  max_answer_bytes: wholeNumber(10_000, 64 * 1024 * 1024).default(1024 * 1024),
  redact_secrets: z.boolean().default(true),
  mid_term_heat_threshold: z.number().nonnegative().default(5),
  mid_term_similarity_threshold: z.number().min(0).max(2).default(0.6),
  recency_tau_hours: z.number().positive().default(24),
  daily_backups_kept: wholeNumber(0, 365).default(7),
  transport: z.enum(['stdio', 'http']).default('stdio'),
  http_host: hostName.default('127.0.0.1'),
  http_port: wholeNumber(0, 65_535).default(3000),
  http_allowed_hosts: z.array(hostName).default([]),
  http_allowed_origins: z.array(webOrigin).default([]),
  /** Absolute once loaded, as is the key's. */
  http_tls_cert: z.string().optional(),
  http_tls_key: z.string().optional(),
  trust_proxy: z.union([z.string(), wholeNumber(1, 32).transform(String)]).optional(),
  oauth_issuer: httpUrl.optional(),
  oauth_audience: z.string().optional(),
  max_sessions: wholeNumber(1, 100_000).default(1000),
  max_sessions_per_user: wholeNumber(1, 100_000).default(100),
  session_idle_minutes: z.number().positive().max(10_080).default(30),
  max_open_users: wholeNumber(1, 100_000).default(100),
  user_idle_minutes: z.number().positive().max(10_080).default(10),
  rate_limit_per_minute: wholeNumber(0, 1_000_000).default(600),
  log_level: z.enum(logLevels).default('info'),
};

export const configSchema = z.strictObject(shape).superRefine((config, context) => {
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
] as const;

/** What the program runs with: every key valid, defaults filled in, the data folder absolute. */
export type Config = Omit<z.infer<typeof configSchema>, 'data_storage_path'> & {
  readonly data_storage_path: string;
};
export type ConfigKey = keyof typeof shape;

interface KeyFacts {
  /** How a text from the environment or a flag is read; lists have commas there. */
  readonly kind: 'text' | 'number' | 'list' | 'flag';
  /** Completes "… must be". */
  readonly rule: string;
  /** Never shown, not even in part. */
  readonly secret?: true;
}

const text = (rule: string): KeyFacts => ({ kind: 'text', rule });
const number = (rule: string): KeyFacts => ({ kind: 'number', rule });
const flag = (rule: string): KeyFacts => ({ kind: 'flag', rule });
const list = (rule: string): KeyFacts => ({ kind: 'list', rule });

export const keyFacts: Readonly<Record<ConfigKey, KeyFacts>> = {
  user_id: text('a name such as "alice"'),
  assistant_id: text('a name such as "default_assistant_profile"'),
  openai_api_key: { kind: 'text', rule: 'a text', secret: true },
  openai_base_url: text('a URL such as "https://api.openai.com/v1"'),
  llm_model: text('the name of a model, such as "gpt-4o-mini"'),
  llm_timeout_seconds: number('a number of seconds above 0, at most 3600'),
  llm_concurrency: number('a whole number from 1 to 100'),
  data_storage_path: text('the path of a folder'),
  embedding_model_name: text('"builtin", "words" or the name of a model'),
  embedding_api_key: { kind: 'text', rule: 'a text', secret: true },
  embedding_base_url: text('a URL such as "http://localhost:11434/v1"'),
  short_term_capacity: number('a whole number from 1 to 10000'),
  mid_term_capacity: number('a whole number from 1 to 1000000'),
  long_term_knowledge_capacity: number('a whole number from 1 to 100000'),
  retrieval_queue_capacity: number('a whole number from 1 to 1000'),
  max_tokens: number('a whole number from 1 to 1000000'),
  relevance_min: number('a number from 0 to 1'),
  max_answer_bytes: number('a whole number from 10000 to 67108864'),
  redact_secrets: flag('true or false'),
  time_zone: text('the name of a time zone such as "Europe/Berlin"'),
  mid_term_heat_threshold: number('a number, 0 or more'),
  mid_term_similarity_threshold: number('a number from 0 to 2'),
  recency_tau_hours: number('a number of hours above 0'),
  daily_backups_kept: number('a whole number from 0 to 365'),
  transport: text('"stdio" or "http"'),
  http_host: text('an address or a host name such as "127.0.0.1" or "0.0.0.0"'),
  http_port: number('a whole number from 0 to 65535'),
  http_allowed_hosts: list('a list of host names such as ["memory.example.com"]'),
  http_allowed_origins: list('a list of origins such as ["https://app.example.com"], without a path'),
  http_tls_cert: text('the path of a certificate in PEM form'),
  http_tls_key: text('the path of a private key in PEM form'),
  trust_proxy: text('a number of proxies such as "1", or their addresses such as "loopback, 10.0.0.0/8"'),
  oauth_issuer: text('a URL such as "https://login.example.com"'),
  oauth_audience: text('the audience tokens are issued for, such as "https://memory.example.com/mcp"'),
  max_sessions: number('a whole number from 1 to 100000'),
  max_sessions_per_user: number('a whole number from 1 to 100000'),
  session_idle_minutes: number('a number of minutes above 0, at most 10080'),
  max_open_users: number('a whole number from 1 to 100000'),
  user_idle_minutes: number('a number of minutes above 0, at most 10080'),
  rate_limit_per_minute: number('a whole number from 0 (no limit) to 1000000'),
  log_level: text('one of "debug", "info", "warning", "error", "silent"'),
};

/** Paths are relative to the file they stand in. */
export const pathKeys = ['data_storage_path', 'http_tls_cert', 'http_tls_key'] as const;

/** All keys, in the order of the documentation. */
export const keyNames = Object.keys(keyFacts) as ConfigKey[];

export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(keyFacts, name);
}

/** The environment variable of a key. */
export function environmentName(key: ConfigKey): string {
  return `MEMORYOS_${key.toUpperCase()}`;
}

/** The configuration as it may be shown: keys and tokens only as set or not set. */
export function redactConfig(config: Config): Record<ConfigKey, unknown> {
  return Object.fromEntries(
    keyNames.map((key) => [
      key,
      keyFacts[key].secret ? (config[key] ? '(set)' : null) : (config[key] ?? null),
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
