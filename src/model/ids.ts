import { createHash, randomInt } from 'node:crypto';
import { MemoryError } from './errors.js';

export type UserId = string & { readonly __brand: 'UserId' };
export type AssistantId = string & { readonly __brand: 'AssistantId' };
export type PageId = string & { readonly __brand: 'PageId' };
export type SegmentId = string & { readonly __brand: 'SegmentId' };
export type ChainId = string & { readonly __brand: 'ChainId' };
export type FactId = string & { readonly __brand: 'FactId' };

const ownerIdCharactersMax = 128;

/** Validates a user id given by a person or a client. Throws ID_INVALID. */
export function toUserId(text: string): UserId {
  return validateOwnerId(text, 'user_id') as UserId;
}

/** Validates an assistant id given by a person or a client. Throws ID_INVALID. */
export function toAssistantId(text: string): AssistantId {
  return validateOwnerId(text, 'assistant_id') as AssistantId;
}

function validateOwnerId(text: string, what: string): string {
  const problem =
    text.trim() === ''
      ? 'is empty'
      : text !== text.trim()
        ? 'begins or ends with white space'
        : text.length > ownerIdCharactersMax
          ? `has ${text.length} characters; at most ${ownerIdCharactersMax} are allowed`
          : /[/\\]/.test(text)
            ? 'holds a path separator'
            : text === '.' || text === '..'
              ? 'is a path'
              : /\p{Cc}/u.test(text) || !text.isWellFormed()
                ? 'contains a control character or half a surrogate pair'
                : undefined;
  if (problem === undefined) return text;
  throw new MemoryError(
    'ID_INVALID',
    `${what} ${JSON.stringify(text.slice(0, 40))} ${problem}. Use a name such as "alice" or "alice@example.com".`,
  );
}

const idPattern = /^[a-z]{2}_[0-9a-z]{9}[0-9a-f]{12}$/;

let lastMs = -1;
let lastTail = 0;

/**
 * A new id such as `pg_0mfa5k2b1c3d4e5f60718`: the kind, milliseconds since 1970 in base 36 (9 digits, so ids
 * sort by time), 48 random bits. Within one millisecond the bits count up, so ids sort in the order they were
 * made. Ids are lower case because some file systems ignore case.
 */
function newId(kind: string, nowMs: number): string {
  const ms = Math.trunc(nowMs);
  lastTail = ms === lastMs ? lastTail + randomInt(1, 2 ** 16) : randomInt(2 ** 47);
  lastMs = ms;
  return `${kind}_${ms.toString(36).padStart(9, '0')}${lastTail.toString(16).padStart(12, '0')}`;
}

export const newPageId = (nowMs: number): PageId => newId('pg', nowMs) as PageId;
export const newSegmentId = (nowMs: number): SegmentId => newId('sg', nowMs) as SegmentId;
export const newChainId = (nowMs: number): ChainId => newId('ch', nowMs) as ChainId;
export const newFactId = (nowMs: number): FactId => newId('fc', nowMs) as FactId;

/** The id of an imported page. The same time and key always give the same id. */
export function keyedPageId(timeMs: number, key: string): PageId {
  return keyedId('pg', timeMs, key) as PageId;
}

/** The same for segments, dialogue chains and facts. */
export function keyedSegmentId(timeMs: number, key: string): SegmentId {
  return keyedId('sg', timeMs, key) as SegmentId;
}
export function keyedChainId(timeMs: number, key: string): ChainId {
  return keyedId('ch', timeMs, key) as ChainId;
}
export function keyedFactId(timeMs: number, key: string): FactId {
  return keyedId('fc', timeMs, key) as FactId;
}

function keyedId(kind: string, timeMs: number, key: string): string {
  // The format cannot express times before 1970.
  const ms = Math.max(0, Math.trunc(timeMs)).toString(36).padStart(9, '0');
  return `${kind}_${ms}${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}

/** Whether a text from disk or from a caller has the format of a generated id. */
export function isGeneratedId(text: string, kind: 'pg' | 'sg' | 'ch' | 'fc'): boolean {
  return text.startsWith(`${kind}_`) && idPattern.test(text);
}

/** When an id was generated, in milliseconds since 1970. */
export function madeAtMs(id: PageId | SegmentId | ChainId | FactId): number {
  return Number.parseInt(id.slice(3, 12), 36);
}
