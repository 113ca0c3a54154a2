import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberOf, readJson } from '../../../src/prompts/json-answer.js';

const value = { pages: [{ page: 'P1', summary: 'a "quoted" {brace} ]' }], topics: [] };
const text = JSON.stringify(value, null, 2);

describe('JSON in a model answer', () => {
  it.each([
    ['bare', text],
    ['in a fence', `\`\`\`json\n${text}\n\`\`\``],
    ['with text around', `Sure, here you go:\n${text}\nAnything else?`],
    ['after a bracketed remark', `[Note] As asked {see below}:\n${text}`],
    ['with trailing commas', text.replace('\n  }', ',\n  }').replace(']\n}', '],\n}')],
    ['with comments', text.replace('"topics"', '// all topics\n  "topics"')],
    ['with single quotes for keys', text.replace('"topics"', "'topics'")],
  ])('%s', (_, answer) => {
    expect(readJson(answer)).toEqual({ ok: true, value });
  });

  it.each([
    ['nothing', ''],
    ['prose', 'pages: P1 continues; topics = one'],
    ['a word', 'None.'],
    ['a bare number', '42'],
    ['an empty object in prose', 'I use {} here'],
  ])('refuses %s', (_, answer) => {
    expect(readJson(answer)).toMatchObject({ ok: false });
  });

  it('is read when written as Python', () => {
    expect(readJson("{'a': None, 'b': [True, False,]}")).toEqual({
      ok: true,
      value: { a: null, b: [true, false] },
    });
  });

  it('is never completed when it was cut off', () => {
    const facts = fc.array(
      fc.record({ fact: fc.string({ maxLength: 12 }), page: fc.constantFrom('P1', 'P2') }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(facts, fc.nat(), fc.boolean(), (list, cutAt, fenced) => {
        const whole = `${fenced ? '```json\n' : ''}${JSON.stringify({ facts: list })}`;
        const from = whole.indexOf('{') + 1;
        const cut = whole.slice(0, from + (cutAt % (whole.length - from)));
        const read = readJson(cut);
        if (read.ok) expect(JSON.stringify(read.value)).not.toContain('"facts"');
      }),
    );
  });
});

describe('references', () => {
  it.each([
    ['P1', 1],
    ['p12', 12],
    ['[P3]', 3],
    ['4', 4],
    ['P 5', 5],
    ['S1', undefined],
    ['P', undefined],
    ['P1 and P2', undefined],
    ['-', undefined],
  ])('%s', (label, number) => {
    expect(numberOf(label, 'P')).toBe(number);
  });
});
