import { z } from 'zod';
import { messageOf } from '../model/errors.js';
import { toAssistantId, toUserId } from '../model/ids.js';
import { logLevels } from './log-level.js';

const wholeNumber = (from: number, to: number) => z.number().int().min(from).max(to);
const httpUrl = z.string().refine((text) => /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text));

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
  mid_term_heat_threshold: z.number().nonnegative().default(5),
  mid_term_similarity_threshold: z.number().min(0).max(2).default(0.6),
  recency_tau_hours: z.number().positive().default(24),
  transport: z.enum(['stdio', 'http']).default('stdio'),
  log_level: z.enum(logLevels).default('info'),
};

export const configSchema = z.strictObject(shape);

/** What the program runs with: every key valid, defaults filled in, the data folder absolute. */
export type Config = Omit<z.infer<typeof configSchema>, 'data_storage_path'> & {
  readonly data_storage_path: string;
};
export type ConfigKey = keyof typeof shape;

interface KeyFacts {
  /** How a text from the environment or a flag is read. */
  readonly kind: 'text' | 'number';
  /** Completes "… must be". */
  readonly rule: string;
  /** Never shown, not even in part. */
  readonly secret?: true;
}

const text = (rule: string): KeyFacts => ({ kind: 'text', rule });
const number = (rule: string): KeyFacts => ({ kind: 'number', rule });

export const keyFacts: Readonly<Record<ConfigKey, KeyFacts>> = {
  user_id: text('a name such as "alice"'),
  assistant_id: text('a name such as "default_assistant_profile"'),
  openai_api_key: { kind: 'text', rule: 'a text', secret: true },
  openai_base_url: text('a URL such as "https://api.openai.com/v1"'),
  llm_model: text('the name of a model, such as "gpt-4o-mini"'),
  llm_timeout_seconds: number('a number of seconds above 0, at most 3600'),
  llm_concurrency: number('a whole number from 1 to 100'),
  data_storage_path: text('the path of a folder'),
  embedding_model_name: text('"builtin" or the name of a model'),
  embedding_api_key: { kind: 'text', rule: 'a text', secret: true },
  embedding_base_url: text('a URL such as "http://localhost:11434/v1"'),
  short_term_capacity: number('a whole number from 1 to 10000'),
  mid_term_capacity: number('a whole number from 1 to 1000000'),
  long_term_knowledge_capacity: number('a whole number from 1 to 100000'),
  retrieval_queue_capacity: number('a whole number from 1 to 1000'),
  mid_term_heat_threshold: number('a number, 0 or more'),
  mid_term_similarity_threshold: number('a number from 0 to 2'),
  recency_tau_hours: number('a number of hours above 0'),
  transport: text('"stdio" or "http"'),
  log_level: text('one of "debug", "info", "warning", "error", "silent"'),
};

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
