import { wallTimeOf } from '../lib/time/zone.js';
import { MemoryError } from '../model/errors.js';
import { type AssistantId, keyedPageId, newPageId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import { jsonObjectSchema, type Page, projectCharactersMax } from '../model/page.js';
import type { AddInput } from './memory-engine.js';

const charactersPerSideMax = 4 * 1024 * 1024;
const metaDataCharactersMax = 64 * 1024;
const metaDataDepthMax = 16;
const futureToleranceMs = 24 * 3600 * 1000;

/** Makes a page from an exchange given by a caller. Throws INPUT_INVALID. */
export function pageFrom(input: AddInput, assistantId: AssistantId, nowMs: number, timeZone: string): Page {
  const userInput = textFrom(input.userInput ?? '', 'user_input');
  const agentResponse = textFrom(input.agentResponse ?? '', 'agent_response');
  if (userInput.trim() === '' && agentResponse.trim() === '') {
    throw invalid('user_input and agent_response are both empty. Give at least one side of the exchange.');
  }
  const { ms: timeMs, offsetMinutes } = pageTimeFrom(input.timestamp, nowMs);
  const utcOffset = offsetMinutes ?? Math.round((wallTimeOf(timeMs, timeZone) - timeMs) / 60_000);
  return {
    id: input.key === undefined ? newPageId(nowMs) : keyedPageId(timeMs, input.key),
    user_input: userInput,
    agent_response: agentResponse,
    timestamp: new Date(timeMs).toISOString(),
    ...(utcOffset === 0 ? {} : { utc_offset_minutes: utcOffset }),
    meta_data: metaDataFrom(withProject(input)),
    assistant_id: assistantId,
    chain_id: null,
    meta_info: '',
    analysed: false,
    read: false,
  };
}

/** The text as stored: unpaired surrogates become U+FFFD, nothing else changes. */
function textFrom(text: string, name: string): string {
  if (text.length > charactersPerSideMax) {
    throw invalid(
      `${name} has ${text.length} characters; at most ${charactersPerSideMax} are allowed. Split it into several exchanges.`,
    );
  }
  return text.toWellFormed();
}

const timestampPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/**
 * Parses ISO 8601 or `YYYY-MM-DD HH:MM:SS`, UTC without a zone, to milliseconds since 1970. Throws
 * INPUT_INVALID.
 */
export function instantFrom(text: string, name: string): number {
  return timeFrom(text, name).ms;
}

interface WrittenTime {
  readonly ms: number;
  /** Null when the text has no offset, or "Z", which programs write in any time zone. */
  readonly offsetMinutes: number | null;
}

function timeFrom(text: string, name: string): WrittenTime {
  const match = timestampPattern.exec(text.trim());
  if (match !== null) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] = match;
    const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
    const digits = zone.replace(/[^\d]/g, '').padEnd(4, '0');
    const offset = /^[Zz]$/.test(zone) ? 'Z' : `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
    const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}`;
    const ms = Date.parse(`${local}${offset}`);
    const real = new Date(Date.parse(`${local}Z`));
    if (Number.isFinite(ms) && real.getUTCDate() === Number(day)) {
      return { ms, offsetMinutes: offset === 'Z' ? null : (Date.parse(`${local}Z`) - ms) / 60_000 };
    }
  }
  throw invalid(
    `${name} ${JSON.stringify(text.slice(0, 60))} is not a time. Use ISO 8601 such as "2026-03-01T09:30:00Z" or "2026-03-01 09:30:00" (read as UTC).`,
  );
}

function pageTimeFrom(text: string | undefined, nowMs: number): WrittenTime {
  if (text === undefined) return { ms: nowMs, offsetMinutes: null };
  const time = timeFrom(text, 'timestamp');
  const { ms } = time;
  if (ms > nowMs + futureToleranceMs) {
    throw invalid(
      `timestamp ${JSON.stringify(text)} is in the future (now is ${new Date(nowMs).toISOString()}). Omit it to use the present time.`,
    );
  }
  return time;
}

/** The name of a project in the form that is stored and compared; undefined for none. */
export function projectFrom(name: string | undefined): string | undefined {
  const text = name?.toWellFormed().trim() ?? '';
  if (text === '') return undefined;
  if (text.length > projectCharactersMax) {
    throw invalid(
      `project has ${text.length} characters; at most ${projectCharactersMax} are allowed. Use the project's name.`,
    );
  }
  return text;
}

function withProject({ metaData, project }: AddInput): JsonObject | undefined {
  const name = projectFrom(project);
  return name === undefined ? metaData : { ...metaData, project: name };
}

function metaDataFrom(given: JsonObject | undefined): JsonObject {
  if (given === undefined) return {};
  const problem = metaDataProblem(given, 1);
  if (problem !== undefined) throw invalid(`meta_data ${problem}`);
  const text = JSON.stringify(given);
  if (text.length > metaDataCharactersMax) {
    throw invalid(
      `meta_data has ${text.length} characters as JSON; at most ${metaDataCharactersMax} are allowed. Store a reference instead.`,
    );
  }
  const parsed = jsonObjectSchema.safeParse(JSON.parse(text.toWellFormed()));
  if (!parsed.success)
    throw invalid('meta_data is not an object of JSON values, such as {"project": "garden"}.');
  return parsed.data;
}

function metaDataProblem(value: unknown, depth: number): string | undefined {
  if (depth > metaDataDepthMax) return `is nested more than ${metaDataDepthMax} deep. Flatten it.`;
  if (depth === 1 && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    return 'is not an object. Use one such as {"project": "garden"}.';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return 'has the key "__proto__". Use another name.';
    const problem = metaDataProblem(Reflect.get(value, key), depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function invalid(message: string): MemoryError {
  return new MemoryError('INPUT_INVALID', message);
}
