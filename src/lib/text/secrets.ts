import { setImmediate as nextTurn } from 'node:timers/promises';
import { isCardNumber } from './card-number.js';

/** A text with sensitive parts replaced. */
export interface Redacted {
  readonly text: string;
  /** Number of replacements. */
  readonly places: number;
}

interface Place {
  readonly from: number;
  readonly to: number;
  /** Shown in place of the secret. */
  readonly kind: string;
}

const pieceCharacters = 32 * 1024;
/** Yields to the event loop after this time. */
const workMs = 20;

/**
 * Replaces secrets with `[redacted: kind]`: keys and tokens of services (the rules of secretlint), long runs
 * that look random, values of names such as `api_key`, passwords in URLs, private keys in PEM form and
 * payment card numbers. Takes time linear in the length of the text and yields between pieces.
 */
export async function redactSecrets(text: string): Promise<Redacted> {
  const places: Place[] = privateKeysIn(text);
  const isPublic = publicBlocksIn(text);
  let turnAtMs = performance.now() + workMs;
  for (const { from, piece } of piecesBetweenBlanks(text)) {
    if (mayHoldSecret.test(piece)) {
      const found = [...structuralIn(piece), ...(await knownIn(piece))];
      const placed = found.map((place) => ({ ...place, from: place.from + from, to: place.to + from }));
      places.push(...placed.filter((place) => !isPublic(place)));
    }
    if (performance.now() > turnAtMs) {
      await nextTurn();
      turnAtMs = performance.now() + workMs;
    }
  }
  return replaced(text, places);
}

const privateStart = /<private>/gi;
const privateEnd = '</private>';

/** Replaces `<private>…</private>` with `[private]`. An unclosed tag extends to the end of the text. */
export function withoutPrivate(text: string): Redacted {
  const lower = text.toLowerCase();
  // Lower-casing keeps the length, except for a few letters that cannot occur in an ASCII tag.
  const source = lower.length === text.length ? lower : text;
  let rest = '';
  let from = 0;
  let places = 0;
  for (const { index } of text.matchAll(privateStart)) {
    if (index < from) continue;
    const end = source.indexOf(privateEnd, index);
    rest += `${text.slice(from, index)}[private]`;
    from = end === -1 ? text.length : end + privateEnd.length;
    places += 1;
  }
  return { text: rest + text.slice(from), places };
}

/** A text without a long run, a URL or many digits cannot contain a secret. */
const mayHoldSecret = /[A-Za-z0-9+/_=-]{16}|:\/\/|(?:\d[ -]?){13}|(?:passw|pwd|secret|token)/i;

function* piecesBetweenBlanks(text: string): Generator<{ readonly from: number; readonly piece: string }> {
  let from = 0;
  while (from < text.length) {
    let to = Math.min(text.length, from + pieceCharacters);
    if (to < text.length) {
      // Within the piece: a search through a long text without blanks would go back to its beginning each time.
      const piece = text.slice(from, to);
      const blank = Math.max(piece.lastIndexOf(' '), piece.lastIndexOf('\n'));
      if (blank > 0) to = from + blank + 1;
    }
    yield { from, piece: text.slice(from, to) };
    from = to;
  }
}

const keyCharactersMax = 16 * 1024;
const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const keyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const keyBody = /(?:\s|\\[nr]|[A-Za-z0-9+/=]{16,256})*/y;

/**
 * From the first line of a key to its last. When the last line is missing, as far as the text looks like a
 * key.
 */
function privateKeysIn(text: string): Place[] {
  const ends = [...text.matchAll(keyEnd)].map((match) => match.index + match[0].length);
  const places: Place[] = [];
  let next = 0;
  for (const match of text.matchAll(keyBegin)) {
    const bodyAt = match.index + match[0].length;
    while ((ends[next] ?? Number.POSITIVE_INFINITY) < bodyAt) next += 1;
    const end = ends[next];
    if (end !== undefined && end - bodyAt <= keyCharactersMax) {
      places.push({ from: match.index, to: end, kind: 'private key' });
      continue;
    }
    keyBody.lastIndex = bodyAt;
    const body = keyBody.exec(text)?.[0] ?? '';
    if (/\S{16}/.test(body)) {
      places.push({ from: match.index, to: bodyAt + body.trimEnd().length, kind: 'private key' });
    }
  }
  return places;
}

/** A PEM block that is not a private key, such as a certificate. */
const publicBlock = /-----BEGIN (?![A-Z0-9 ]{0,40}PRIVATE)[A-Z0-9 ]{1,40}-----[A-Za-z0-9+/=\s]*-----END /g;

function publicBlocksIn(text: string): (place: Place) => boolean {
  const blocks = [...text.matchAll(publicBlock)].map(({ index, 0: block }) => ({
    from: index,
    to: index + block.length,
  }));
  return ({ from, to }) => blocks.some((block) => from >= block.from && to <= block.to);
}

/** The id that belongs to a secret key of AWS. The rules ignore ids used in AWS documentation. */
const awsKeyId = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;
const urlPassword = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@?#'"`]{0,100}:([^\s/@'"`<>]{1,200})@/gi;
const jsonWebToken = /\beyJ[\w-]{10,1000}\.eyJ[\w-]{10,4000}\.[\w-]{16,1000}/g;
const assigned =
  /(?:key|secret|token|passw(?:or)?d|pwd|bearer|authorization)(?:["'\]]{0,2}\s{0,3}(?:=>|:=|[:=])\s{0,3}|[ _-])(?:(?:bearer|basic|token) {1,3})?(["'`]?)([A-Za-z0-9+/_=.~!@#$%^&*-]{6,512})(?![\w([]|\.\w)/gi;
const digitGroups = /(?<![\d.,#-])\d(?:[ -]?\d){12,18}(?![\d-]|[.,]\d)/g;
const longRun = /(?<![\w+/.=%-])[A-Za-z0-9_-]{32,200}(?![\w+/%=-]|\.\w)/g;
/** A token in several parts, of which the last is random. */
const dottedRun = /(?<![\w+/.=%-])[\w-]{2,40}\.(?:[\w-]{4,40}\.)?([\w-]{27,1000})(?![\w+/%=-]|\.\w)/g;
/** The last part of a webhook's address is its key. */
const webhook = /\bhttps?:\/\/[^\s"'<>]{0,200}hooks?\b[^\s"'<>]{0,100}\/([\w-]{24,200})/gi;
/** The prefix before the key in tokens of many services: `sk_live_`, `dop_v1_`. */
const tokenPrefix = /^(?:[a-z]{1,8}\d?[_-]){1,3}/i;
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

function structuralIn(piece: string): Place[] {
  const places: Place[] = [];
  const add = (match: RegExpExecArray, found: string, kind: string) => {
    const from = match.index + match[0].lastIndexOf(found);
    places.push({ from, to: from + found.length, kind });
  };
  for (const match of piece.matchAll(urlPassword)) {
    const [whole, password = ''] = match;
    const from = match.index + whole.length - 1 - password.length;
    if (!isPlaceholder(password)) places.push({ from, to: from + password.length, kind: 'password' });
  }
  for (const match of piece.matchAll(awsKeyId)) add(match, match[0], 'aws');
  for (const match of piece.matchAll(jsonWebToken)) add(match, match[0], 'token');
  for (const match of piece.matchAll(assigned)) {
    const [whole, quote = '', value = ''] = match;
    const isPassword = /^(?:passw|pwd)/i.test(whole) && /^\S{1,12}["'\]]{0,2}\s{0,3}[:=]/.test(whole);
    const named = piece.slice(Math.max(0, match.index - 4), match.index + whole.length - value.length);
    const isSecretId = uuid.test(value) && /(?:api[_-]?key|secret|token)\W{1,8}$/i.test(named);
    if (isPassword ? isPasswordLike(value, quote) : isSecretId || isKeyLike(value))
      add(match, value, isPassword ? 'password' : 'key');
  }
  for (const match of piece.matchAll(longRun)) {
    const before = piece.slice(Math.max(0, match.index - 8), match.index);
    // The text form of an SSH public key begins with the length of its name.
    const isPublic = /sha\d{1,3}[-:]$/i.test(before) || /^(?:sha\d|AAAA)/i.test(match[0]);
    if (!isPublic && isToken(match[0])) add(match, match[0], 'key');
  }
  for (const match of piece.matchAll(dottedRun)) if (looksRandom(match[1] ?? '')) add(match, match[0], 'key');
  for (const match of piece.matchAll(webhook)) {
    const [, key = ''] = match;
    if (looksRandom(key, 1)) add(match, key, 'webhook');
  }
  for (const match of piece.matchAll(digitGroups))
    if (isCardNumber(match[0])) add(match, match[0], 'card number');
  return places;
}

/** Placeholders for a password in an example: `${PASSWORD}`, `<password>`, `***` and similar. */
function isPlaceholder(text: string): boolean {
  return /^[$<{[%]|^(?:\*+|x+|\.+|pass(?:word)?|pwd|secret)$/i.test(text);
}

function isPasswordLike(text: string, quote: string): boolean {
  if (isPlaceholder(text) || !/[A-Za-z]/.test(text) || !/[\d!@#$%^&*]/.test(text)) return false;
  // An unquoted value may be code: a call, a member, a type.
  return quote !== ''
    ? text.length >= 6 && !/[.]\w+[.]|^\w+\.\w+$/.test(text)
    : text.length >= 8 && !/[.=]/.test(text);
}

/** Whether a value looks like a key: random letters of both cases and digits, or hexadecimal digits. */
function isKeyLike(text: string): boolean {
  const body = text.replace(/=+$/, '');
  if (/^[\da-f]{32,128}$/i.test(body)) return /\d/.test(body) && /[a-f]/i.test(body);
  // A value with a dot is usually a member access in code. Tokens that contain a dot have their own rules.
  return body.length >= 20 && !/[.!@#$%^&*]/.test(body) && looksRandom(body, 1);
}

/** Whether the run, or its part after a prefix, looks random. */
function isToken(run: string): boolean {
  if (looksRandom(run)) return true;
  const body = run.replace(tokenPrefix, '');
  if (body === run) return false;
  return /^[\da-f]{48,}$/.test(body) || (body.length >= 20 && looksRandom(body, 1));
}

const classChangesMin = 0.3;
/** Random text has few runs of four or more small letters; names consist of them. */
const wordShareMax = 0.4;

/**
 * Whether letters of both cases and digits alternate about as often as in random text. In names they do not.
 */
function looksRandom(text: string, digitsMin = 2): boolean {
  const runs = text.match(/\d+|[A-Z]+|[a-z]+/g) ?? [];
  let digits = 0;
  let upper = 0;
  let lower = 0;
  let inWords = 0;
  for (const run of runs) {
    if (/\d/.test(run)) digits += run.length;
    else if (/[A-Z]/.test(run)) upper += run.length;
    else lower += run.length;
    if (run.length >= 4 && /[a-z]/.test(run)) inWords += run.length;
  }
  const all = digits + upper + lower;
  return (
    digits >= digitsMin &&
    upper >= 3 &&
    lower >= 3 &&
    runs.length - 1 >= classChangesMin * all &&
    inWords <= wordShareMax * all
  );
}

type Lint = (text: string) => Promise<Place[]>;
let lint: Promise<Lint> | undefined;

/** Secrets found by secretlint's rules: keys and tokens of known services, by their format. */
async function knownIn(piece: string): Promise<Place[]> {
  lint ??= loadLint();
  return (await lint)(piece);
}

const placeholderInUrl = /:\/\/[^@\s]{0,100}:[<${%*]/;
const tokenEnd = /[\w+/=~-]*/y;

async function loadLint(): Promise<Lint> {
  const [{ lintSource }, { creator }, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@secretlint/profiler'),
  ]);
  // The profiler would keep every mark for the life of the process, and search all of them for each new one.
  secretLintProfiler.mark = () => undefined;
  const id = '@secretlint/secretlint-rule-preset-recommend';
  const aws = { id: '@secretlint/secretlint-rule-aws', options: { enableIDScanRule: true } };
  const options = { config: { rules: [{ id, rule: creator, rules: [aws] }] }, noPhysicFilePath: true };
  return async (content) => {
    const source = { content, filePath: 'text', ext: '', contentType: 'text' } as const;
    const { messages } = await lintSource({ source, options });
    return messages.flatMap(({ ruleId, range: [from, to] }) => {
      if (placeholderInUrl.test(content.slice(from, to))) return [];
      // Some rules report only the beginning of the secret.
      tokenEnd.lastIndex = to;
      return [{ from, to: to + (tokenEnd.exec(content)?.[0].length ?? 0), kind: kindOf(ruleId) }];
    });
  };
}

/** `github` from `@secretlint/secretlint-rule-github`. */
function kindOf(ruleId: string): string {
  return ruleId.replace(/^.*secretlint-rule-/, '');
}

/** Among overlapping places, the one with the most specific kind is used. */
const vague = ['private key', 'password', 'card number', '', 'token', 'key'];

function rankOf({ kind }: Place): number {
  const at = vague.indexOf(kind);
  return at === -1 ? vague.indexOf('') : at;
}

function replaced(text: string, places: readonly Place[]): Redacted {
  const chosen: Place[] = [];
  const ordered = [...places].sort((a, b) => a.from - b.from || b.to - a.to);
  for (const place of ordered) {
    const last = chosen.at(-1);
    if (last === undefined || last.to <= place.from) chosen.push(place);
    else if (rankOf(place) < rankOf(last)) chosen[chosen.length - 1] = place;
  }
  let rest = '';
  let from = 0;
  for (const place of chosen) {
    rest += `${text.slice(from, place.from)}[redacted: ${place.kind}]`;
    from = place.to;
  }
  return { text: rest + text.slice(from), places: chosen.length };
}
