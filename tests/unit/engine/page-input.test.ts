import { describe, expect, it } from 'vitest';
import { instantFrom, pageFrom } from '../../../src/engine/page-input.js';
import { toAssistantId } from '../../../src/model/ids.js';

const assistantId = toAssistantId('helper');
const nowMs = Date.parse('2026-06-01T12:00:00Z');
const page = (input: Partial<Parameters<typeof pageFrom>[0]>, timeZone = 'UTC') =>
  pageFrom({ userInput: 'hi', agentResponse: 'hello', ...input }, assistantId, nowMs, timeZone);

describe('a page from a caller', () => {
  it('keeps both sides, the time and the data', () => {
    const made = page({
      timestamp: '2026-05-01 08:15:30',
      metaData: { project: { name: 'garden', open: [1, null] } },
    });
    expect(made).toMatchObject({
      user_input: 'hi',
      agent_response: 'hello',
      timestamp: '2026-05-01T08:15:30.000Z',
      meta_data: { project: { name: 'garden', open: [1, null] } },
      analysed: false,
    });
  });

  it("keeps the offset of its time as written, otherwise the zone's offset at that instant", () => {
    const offsetOf = (timestamp: string | undefined, zone?: string) =>
      page({ timestamp }, zone).utc_offset_minutes;
    expect(page({ timestamp: '2026-03-04T19:30:00-08:00' }).timestamp).toBe('2026-03-05T03:30:00.000Z');
    expect(offsetOf('2026-03-04T19:30:00-08:00')).toBe(-480);
    expect(offsetOf('2026-03-04T19:30:00+0530', 'Europe/Berlin')).toBe(330);
    expect(offsetOf('2026-03-04T19:30:00+00:00', 'Europe/Berlin')).toBeUndefined();
    expect(offsetOf('2026-03-04T19:30:00Z', 'Europe/Berlin')).toBe(60);
    expect(offsetOf('2026-05-04T19:30:00Z', 'Europe/Berlin')).toBe(120);
    expect(offsetOf(undefined, 'America/New_York')).toBe(-240);
    expect(offsetOf(undefined)).toBeUndefined();
  });

  it('accepts one empty side, but not two', () => {
    expect(page({ userInput: '' }).agent_response).toBe('hello');
    expect(page({ agentResponse: ' ' }).user_input).toBe('hi');
    expect(() => page({ userInput: ' \n', agentResponse: '' })).toThrow(/both empty/);
  });

  it('keeps unusual text, and replaces only unpaired surrogates', () => {
    const strange = 'a\u0000\u001b[31m \u202eعربي 👩‍👩‍👧 \uFEFF';
    expect(page({ userInput: strange }).user_input).toBe(strange);
    expect(page({ userInput: 'x\ud800y' }).user_input).toBe('x\ufffdy');
    expect(page({ userInput: 'y'.repeat(1_000_000) }).user_input).toHaveLength(1_000_000);
  });

  it('refuses texts that are too long, and says what to do', () => {
    expect(() => page({ userInput: 'y'.repeat(4 * 1024 * 1024 + 1) })).toThrow(/Split it/);
    expect(() => page({ metaData: { text: 'y'.repeat(70_000) } })).toThrow(/Store a reference/);
  });

  it('refuses meta_data that is not a plain object', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(30)}1${'}'.repeat(30)}`);
    expect(() => page({ metaData: deep })).toThrow(/nested more than/);
    expect(() => page({ metaData: JSON.parse('{"__proto__": {"admin": true}}') })).toThrow(/__proto__/);
    expect(() => page({ metaData: JSON.parse('{"a": {"__proto__": 1}}') })).toThrow(/__proto__/);
    expect(() => page({ metaData: JSON.parse('[1]') })).toThrow(/not an object/);
    expect(() => page({ metaData: JSON.parse('"text"') })).toThrow(/not an object/);
  });
});

describe('a time', () => {
  it.each([
    ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30:00.1234Z', '2026-03-01T09:30:00.123Z'],
    ['2026-03-01 09:30:00', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T09:30:00+02:00', '2026-03-01T07:30:00.000Z'],
    ['2026-03-01T09:30:00-0530', '2026-03-01T15:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(new Date(instantFrom(text, 'timestamp')).toISOString()).toBe(instant);
  });

  it.each(['', 'yesterday', '2026-02-30', '2026-13-01', '2026-03-01T25:00:00Z', '1767225600', '01/03/2026'])(
    '%j is refused, and the error describes a valid one',
    (text) => {
      expect(() => instantFrom(text, 'timestamp')).toThrow(/is not a time\. Use ISO 8601/);
    },
  );

  it('may not be in the future, except by the difference of clocks', () => {
    expect(() => page({ timestamp: '2026-06-03T00:00:00Z' })).toThrow(/in the future/);
    expect(page({ timestamp: '2026-06-01T20:00:00Z' }).timestamp).toBe('2026-06-01T20:00:00.000Z');
  });
});
