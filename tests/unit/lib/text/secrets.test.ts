import { describe, expect, it } from 'vitest';
import { isCardNumber } from '../../../../src/lib/text/card-number.js';
import { redactSecrets, withoutPrivate } from '../../../../src/lib/text/secrets.js';
import { lookAlikes, secrets } from '../../../support/secret-samples.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits drawn at random, the same in every run. Made here, so that the code contains no real secret. */
function drawn(length: number, from = alphabet): string {
  let state = 2654435761;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return from.charAt((state >>> 8) % from.length);
  }).join('');
}

const hex = '0123456789abcdef';
const pem = (kind: string) => `-----BEGIN ${kind}-----\n${drawn(64)}\n${drawn(40)}\n-----END ${kind}-----`;

describe('secrets in a text', () => {
  it.each([
    ['an OpenAI key', `sk-proj-${drawn(48)}`],
    ['an Anthropic key', `sk-ant-api03-${drawn(93)}AA`],
    ['a GitHub token', `ghp_${drawn(36)}`],
    ['a fine-grained GitHub token', `github_pat_${drawn(22)}_${drawn(59)}`],
    ['a GitLab token', `glpat-${drawn(20)}`],
    ['an npm token', `npm_${drawn(36)}`],
    ['a Hugging Face token', `hf_${drawn(34, alphabet.slice(0, 52))}`],
    ['a Slack token', `xoxb-123456789012-1234567890123-${drawn(24)}`],
    ['a Google key', `AIza${drawn(35)}`],
    ['a Stripe key', `sk_live_${drawn(24)}`],
    ['an AWS key id', `AKIA${drawn(16, alphabet.slice(0, 26))}`],
    ['an AWS secret', `aws_secret_access_key=${drawn(40)}`],
    ['a SendGrid key', `SG.${drawn(22)}.${drawn(43)}`],
    ['a Shopify token', `shpat_${drawn(32, hex)}`],
    ['a Telegram token', `123456789:AA${drawn(33)}`],
    ['a JSON web token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${drawn(43)}`],
    ['a private key', pem('RSA PRIVATE KEY')],
    ['a PGP key', pem('PGP PRIVATE KEY BLOCK')],
    ['a private key that was cut', `-----BEGIN OPENSSH PRIVATE KEY-----\n${drawn(70)}\n${drawn(70)}`],
  ])('%s is removed, and nothing around it', async (_, secret) => {
    const { text, places } = await redactSecrets(`Please use ${secret} for the deployment, and thanks.`);
    expect(text).toMatch(/^Please use (?:\d+:)?\[redacted: [a-z ]+\] for the deployment, and thanks\.$/);
    expect(places).toBe(1);
  });

  it.each([
    ['postgres://admin:', 's3cret-Pw', '@db.example.net:5432/shop', 'password'],
    ['https://joe:', 'hunter22', '@host.example.net/a?b=c', 'password'],
    ['redis://:', drawn(12), '@cache:6379', 'password'],
    ['API_KEY=', drawn(32), '', 'key'],
    ['secret_key: "', drawn(64, hex), '"', 'key'],
    ['Authorization: Bearer ', drawn(40), '', 'key'],
    ['"password": "', 'Tr0ub4dor&3', '",', 'password'],
    ['password=', 'hunter2hunter', ' here', 'password'],
    ['pay with ', '4111 1111 1111 1111', ' please', 'card number'],
    ['pay with ', '5500005555555559', ', please', 'card number'],
    ['pay with ', '3782-822463-10005', '.', 'card number'],
  ])('%s… keeps what is not secret', async (before, secret, after, kind) => {
    expect((await redactSecrets(`${before}${secret}${after}`)).text).toBe(
      `${before}[redacted: ${kind}]${after}`,
    );
  });

  it.each([
    'We went to the market on Sunday, and I bought 3 apples for 12,50.',
    'My number is +49 151 2345678 and the order is 4532-0151-1283-0367.',
    'The commit 9f8e7d6c5b4a39281706f5e4d3c2b1a098765432 broke it, see pg_0mm1n1qm85c761e03d00d.',
    'The id is 123e4567-e89b-12d3-a456-426614174000 and the digest sha512-abcDEF123ghiJKL456mnoPQR789stuVWX012yzaBCD345==',
    'const apiKey = process.env.OPENAI_API_KEY; const token = tokens[index1]; type Secret = string;',
    'function getUserProfileByEmailAddress2(keyOfTheCache: string, passwordHash: Buffer) {}',
    'Set the password to $DB_PASSWORD or postgres://user:<password>@localhost/db',
    'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) throw new Error("no key here");',
    'https://docs.example.com/document/d/1A2b3C4d5E6f7G8h9I0jK1L2m3N4o5P6q7R8s9T0/edit',
    'const key = AutoRestKeyStore2.getKey(options); const other_key = _chunkNUCVMFB6jsName.getKey(name);',
    'case Token_1.TokenKind.AsciiWord: return A_JSDoc_template_tag_may_not_follow_a_typedef_8039;',
    'The token counts are 4096 and 128000; the key is under the mat, the password is secret.',
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  ])('%s is kept', async (text) => {
    expect((await redactSecrets(text)).text).toBe(text);
  });

  it('private text is removed, even when the mark is not closed', () => {
    expect(withoutPrivate('a <private>x\ny</PRIVATE> b <private>c').text).toBe('a [private] b [private]');
    expect(withoutPrivate('İ <private>x</private> ok').text).toBe('İ [private] ok');
    expect(withoutPrivate('Map<private, x>').text).toBe('Map<private, x>');
  });
});

describe('card numbers', () => {
  it.each([
    '4111111111111111',
    '4111-1111-1111-1111',
    '378282246310005',
    '6011111111111117',
    '30569309025904',
  ])('%s is one', (text) => expect(isCardNumber(text)).toBe(true));
  it.each([
    '4111111111111112',
    '4111 11111111 1111',
    '1234567890123456',
    '0000000000000000',
    '1700000000000',
  ])('%s is not one', (text) => expect(isCardNumber(text)).toBe(false));
});

describe('secrets of many services', () => {
  const seeds = [2654435761, 7, 99, 12345, 777];

  it('are at least 40, and what only looks like one at least 30', () => {
    expect(new Set(secrets().map(({ name }) => name)).size).toBeGreaterThanOrEqual(40);
    expect(new Set(lookAlikes().map(({ name }) => name)).size).toBeGreaterThanOrEqual(30);
  });

  it.each(secrets().map(({ name }) => name))('%s is removed', async (name) => {
    for (const seed of seeds) {
      const sample = secrets(seed).find((one) => one.name === name);
      if (sample === undefined) throw new Error(`There is no ${name}.`);
      const { text } = await redactSecrets(`Please use ${sample.text} for it, thanks.`);
      expect(text).toMatch(/^Please use [\s\S]*\[redacted: [a-z\d -]+\][\s\S]* for it, thanks\.$/);
      for (const part of partsOf(sample.secret ?? sample.text)) expect(text).not.toContain(part);
    }
  });

  it.each(lookAlikes().map(({ name }) => name))('%s is kept', async (name) => {
    for (const seed of seeds) {
      const sample = lookAlikes(seed).find((one) => one.name === name);
      if (sample === undefined) throw new Error(`There is no ${name}.`);
      const text = `Look at ${sample.text} please.`;
      expect((await redactSecrets(text)).text).toBe(text);
    }
  });

  /** The beginning and the end of each line except the first and last one of a block, which may stay. */
  function partsOf(secret: string): string[] {
    const lines = secret.split('\n').filter((line) => !line.startsWith('-----'));
    return lines.flatMap((line) => (line.length < 16 ? [line] : [line.slice(0, 12), line.slice(-8)]));
  }
});

it('leaves no trace in the process for each text, however many are read', async () => {
  await redactSecrets('sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');
  const left = performance.getEntriesByType('mark').filter(({ name }) => name.includes('lint'));
  expect(left).toEqual([]);
});
