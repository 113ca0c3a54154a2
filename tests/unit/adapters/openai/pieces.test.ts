import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstDialect, simplerDialect } from '../../../../src/adapters/openai/dialect.js';
import { toEndpoint } from '../../../../src/adapters/openai/endpoint.js';
import { clean, failureOf } from '../../../../src/adapters/openai/failure.js';
import { backoffMs, retryAfterMs } from '../../../../src/adapters/openai/pace.js';
import { ThinkFilter, withoutThinking } from '../../../../src/adapters/openai/think-filter.js';

describe('endpoint', () => {
  it.each([
    ['https://api.openai.com/v1', 'https://api.openai.com/v1'],
    ['https://api.openai.com/v1/', 'https://api.openai.com/v1'],
    ['http://localhost:11434', 'http://localhost:11434/v1'],
    ['http://localhost:1234/v1/chat/completions', 'http://localhost:1234/v1'],
    [
      'https://dashscope.aliyuncs.com/compatible-mode/v1',
      'https://dashscope.aliyuncs.com/compatible-mode/v1',
    ],
    ['https://me.openai.azure.com', 'https://me.openai.azure.com/openai/deployments/gpt-x'],
    ['https://me.openai.azure.com/openai', 'https://me.openai.azure.com/openai/deployments/gpt-x'],
    [
      'https://me.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-01-01',
      'https://me.openai.azure.com/openai/deployments/mine',
    ],
    ['https://me.openai.azure.com/openai/v1/', 'https://me.openai.azure.com/openai/v1'],
  ])('%s', (written, meant) => {
    expect(toEndpoint(written, 'gpt-x').baseUrl).toBe(meant);
  });

  it('handles the versions and keys of Azure', () => {
    expect(toEndpoint('https://me.openai.azure.com', 'm')).toMatchObject({
      azure: true,
      query: { 'api-version': '2024-10-21' },
    });
    expect(toEndpoint('https://me.openai.azure.com/?api-version=2030-01-01', 'm').query).toEqual({
      'api-version': '2030-01-01',
    });
    expect(toEndpoint('https://me.openai.azure.com/openai/v1', 'm')).toMatchObject({
      azure: true,
      query: {},
    });
    expect(toEndpoint('http://proxy/openai/deployments/x', 'm').azure).toBe(true);
    expect(toEndpoint('https://api.openai.com/v1', 'm').azure).toBe(false);
  });

  it.each(['', 'api.openai.com', 'ftp://x/v1', 'https://me:pass@x/v1'])(
    'refuses %j without repeating secrets',
    (written) => {
      try {
        toEndpoint(written, 'm');
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
        expect(String(error)).not.toContain('pass@');
      }
    },
  );
});

describe('thinking', () => {
  it.each([
    ['<think>a</think>b', 'b'],
    ['<THINK>a</Think>\n\n b', 'b'],
    ['<thinking>a</thinking>b<think>c</think>d', 'bd'],
    ['a < b <thin', 'a < b <thin'],
    ['<think>never closed', ''],
    ['a<think>never closed', 'a'],
    ['the template opened it</think>b', 'b'],
    ['<think></think>', ''],
    ['a <think of it> b', 'a <think of it> b'],
  ])('%j', (text, rest) => {
    expect(withoutThinking(text)).toBe(rest);
  });

  it('gives the same result however the answer is divided into pieces', () => {
    const parts = fc.constantFrom(
      '<think>',
      '</think>',
      '<thinking>',
      '</thinking>',
      'word ',
      '<',
      '>',
      '<th',
      'ink>',
      '/',
      'é',
    );
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 5 })),
        (words, sizes) => {
          const text = words.join('');
          const whole = new ThinkFilter();
          const expected = whole.push(text) + whole.end();
          const filter = new ThinkFilter();
          let out = '';
          for (let at = 0, turn = 0; at < text.length; turn += 1) {
            const size = sizes[turn % Math.max(1, sizes.length)] ?? 1;
            out += filter.push(text.slice(at, at + size));
            at += size;
          }
          expect(out + filter.end()).toBe(expected);
        },
      ),
    );
  });
});

describe('pace', () => {
  it('reads Retry-After in all its forms', () => {
    const at = Date.parse('2026-01-01T00:00:00Z');
    const of = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), at);
    expect(of({ 'retry-after': '3' })).toBe(3000);
    expect(of({ 'retry-after': '0.5' })).toBe(500);
    expect(of({ 'retry-after-ms': '250', 'retry-after': '3' })).toBe(250);
    expect(of({ 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' })).toBe(10_000);
    expect(of({ 'retry-after': 'Thu, 01 Jan 2020 00:00:10 GMT' })).toBe(0);
    expect(of({ 'retry-after': 'soon' })).toBeUndefined();
    expect(of({})).toBeUndefined();
  });

  it('backs off up to 8 s, minus a random part', () => {
    expect([1, 2, 3, 4, 5, 9].map((attempt) => backoffMs(attempt, 0))).toEqual([
      500, 1000, 2000, 4000, 8000, 8000,
    ]);
    expect(backoffMs(1, 0.999)).toBeGreaterThan(374);
  });
});

describe('dialect', () => {
  const everything = {
    schema: true,
    outputTokensMax: true,
    temperature: true,
    stream: true,
    instructions: true,
  };

  it('ends after finitely many steps, whatever an endpoint answers', () => {
    for (const complaint of [
      '',
      'response_format',
      'temperature and max_tokens',
      'System role not supported',
      'enable_thinking',
    ]) {
      let dialect: typeof firstDialect | null = firstDialect;
      let steps = 0;
      for (; dialect !== null; steps += 1) dialect = simplerDialect(dialect, everything, complaint);
      expect(steps).toBeLessThan(12);
    }
  });

  it('gives up the named part first, and nothing that was not used', () => {
    expect(simplerDialect(firstDialect, everything, "'temperature' does not support 0")).toEqual({
      ...firstDialect,
      temperature: false,
    });
    const nothing = {
      schema: false,
      outputTokensMax: false,
      temperature: false,
      stream: false,
      instructions: false,
    };
    expect(simplerDialect(firstDialect, nothing, 'bad request')).toBeNull();
  });
});

describe('failure', () => {
  const http = (status: number, message: string, more: object = {}) =>
    Object.assign(new Error(message), { status, ...more });

  it.each([
    [
      http(400, 'the request exceeds the available context size, try increasing it', {
        type: 'exceed_context_size_error',
      }),
      'MODEL_CONTEXT',
    ],
    [
      http(
        429,
        'Request too large for gpt-4o in organization x on tokens per min (TPM): Limit 30000, Requested 40000',
      ),
      'MODEL_CONTEXT',
    ],
    [http(429, 'Too many tokens, please wait before trying again.'), 'MODEL_UNAVAILABLE'],
    [http(413, 'Payload Too Large'), 'MODEL_CONTEXT'],
    [
      http(500, 'The decoder prompt (length 66501) is longer than the maximum model length of 65536.'),
      'MODEL_CONTEXT',
    ],
    [
      http(422, 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096'),
      'MODEL_CONTEXT',
    ],
    [http(400, 'Range of input length should be [1, 30720]'), 'MODEL_CONTEXT'],
    [http(400, 'Requested tokens (2285) exceed context window of 2048'), 'MODEL_CONTEXT'],
    [http(400, 'API key not valid. Please pass a valid API key.'), 'MODEL_REJECTED'],
    [http(400, 'no-such/model is not a valid model ID'), 'MODEL_REJECTED'],
    [http(404, 'model "x" not found, try pulling it first'), 'MODEL_REJECTED'],
    [http(402, 'Insufficient Balance'), 'MODEL_UNAVAILABLE'],
    [
      http(400, 'Output data may contain inappropriate content.', { code: 'data_inspection_failed' }),
      'MODEL_CONTENT',
    ],
    [http(529, 'overloaded'), 'MODEL_UNAVAILABLE'],
    [
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      }),
      'MODEL_UNAVAILABLE',
    ],
    ['a string', 'MODEL_UNAVAILABLE'],
  ])('%s is %s', (error, code) => {
    expect(failureOf(error, []).code).toBe(code);
  });

  it("removes keys from the endpoint's messages", () => {
    expect(clean('Incorrect API key provided: sk-proj-abc*****XYZ, not my-key.', ['my-key'])).toBe(
      'Incorrect API key provided: [key], not [key].',
    );
    expect(clean('header "Bearer abcdef" is wrong', [])).not.toContain('abcdef');
  });
});
