import { describe, expect, test } from 'vitest';
import { exactNamesOf } from '../../../../src/lib/text/exact-terms.js';
import { PageIndex } from '../../../../src/retrieval/index/page-index.js';
import { PageSearch } from '../../../../src/retrieval/page-search.js';
import { readQuery } from '../../../../src/retrieval/query.js';
import { relevanceModel } from '../../../../src/retrieval/relevance.js';
import { makePage } from '../../../support/records.js';

const nowMs = Date.parse('2026-03-10T12:00:00.000Z');
const dayMs = 86_400_000;

const said = [
  'We rewrote the parser in C++ last year',
  'The plugin is written in C# by now',
  'F# would have been nicer for the rules',
  'C is what the firmware is written in',
  'The client still targets .NET Framework',
  'The statistics are done in R by Mia',
  'The regression came with commit 9f8e7d6c5b4a39281706f5e4d3c2b1a098765432',
  'The ticket for the boiler is ABC-1234',
  'The spare part is XK77-PL9 from the catalogue',
  'Call the plumber at +49 151 2345678',
  'The dentist answers at (555) 867-5309',
  'We are having a party 🎉 at the lake',
  'She sent me a 🦄 and nothing else',
  'Rename getUserProfile before the release',
  'The column is last_seen_at in all tables',
  'Production runs Postgres 17 since spring',
  'Staging is still at version v4.18.2',
  'The battery weighs 12 kg and is heavy',
  'Timeouts are 500ms for every call',
  'It ended with ERR_MODULE_NOT_FOUND again',
  'The fix is in src/core/retry-policy.ts now',
  'It cost 1,250,000 in all',
  'Set the key in .envrc and restart',
];
const others = Array.from({ length: 60 }, (_, i) =>
  ['The lake was calm and we swam', 'I cooked a soup', 'The train was late again', 'My sister called me'][
    i % 4
  ]?.concat(` on occasion ${'abcdefghij'.charAt(i % 10)}${'klmnop'.charAt(i % 6)}x`),
);

const index = new PageIndex();
const ids = new Map<string, string>();
[...said, ...others].forEach((text = '', i) => {
  const timestamp = new Date(nowMs - (i + 1) * dayMs).toISOString();
  const page = makePage(text, { agent_response: 'Noted.', timestamp });
  ids.set(page.id, text);
  index.add(page);
});

function best(query: string): string | undefined {
  const { best: found } = new PageSearch(index).search(readQuery(query, nowMs, 'UTC', index), {
    meaning: null,
    pagesMax: 3,
    model: relevanceModel('words'),
    relevanceMin: relevanceModel('words').relevanceMin,
  });
  return ids.get(found[0]?.id ?? '');
}

describe('exact words', () => {
  test.each([
    ['C++', 0],
    ['what did we do in c++?', 0],
    ['C#', 1],
    ['where is C# used', 1],
    ['F#', 2],
    ['C', 3],
    ['.NET', 4],
    ['R', 5],
    ['who does the analysis in R?', 5],
    ['9f8e7d6', 6],
    ['9f8e7d6c5b', 6],
    ['ABC1234', 7],
    ['abc_1234', 7],
    ['XK77PL9', 8],
    ['+491512345678', 9],
    ['0151 2345678', 9],
    ['0151-234-5678', 9],
    ['5558675309', 10],
    ['555 867 5309', 10],
    ['🎉', 11],
    ['🦄', 12],
    ['user profile', 13],
    ['get_user_profile', 13],
    ['lastSeenAt', 14],
    ['last seen', 14],
    ['Postgres17', 15],
    ['Postgres 17', 15],
    ['4.18.2', 16],
    ['v4.18.2', 16],
    ['12kg', 17],
    ['500 ms', 18],
    ['ERR_MODULE_NOT_FOUND', 19],
    ['module not found', 19],
    ['retry-policy.ts', 20],
    ['retryPolicy', 20],
    ['1250000', 21],
    ['.envrc', 22],
  ])('%s', (query, page) => {
    expect(best(query)).toBe(said[page]);
  });

  test('do not occur in plain talk', () => {
    const talk = 'Yes, I am. A friend of mine said that she is well. We went home; it was late, wasn’t it?';
    expect(exactNamesOf(talk)).toEqual([]);
  });

  test('of code do not outweigh the words around it', () => {
    const code = `\`\`\`ts\n${'const lake = soup(train, sister);\nif (lake) return train;\n'.repeat(60)}\`\`\``;
    const many = new PageIndex();
    const add = (user_input: string, agent_response: string) =>
      many.add(
        makePage(user_input, {
          agent_response,
          timestamp: new Date(nowMs - many.rows * dayMs).toISOString(),
        }),
      );
    add('Which train goes to the lake in summer?', 'The train at nine stops at the lake.');
    add(
      'How do I retry the payment job?',
      `Use a queue with a delay, like this:\n${code}\nIt retries the payment.`,
    );
    add('How do I cook?', 'With salt.');
    const ask = (query: string) =>
      new PageSearch(many)
        .search(readQuery(query, nowMs, 'UTC', many), {
          meaning: null,
          pagesMax: 1,
          model: relevanceModel('words'),
          relevanceMin: relevanceModel('words').relevanceMin,
        })
        .best.map(({ id }) => many.rowOf(id));
    // The code says "lake" and "train" a hundred times.
    expect(ask('train to the lake')).toEqual([0]);
    expect(ask('retry payment')).toEqual([1]);
    // The code does not count in the length of the page.
    expect(many.words.lengthOf(1)).toBeLessThan(20);
  });
});
