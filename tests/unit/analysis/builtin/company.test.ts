import { expect, it } from 'vitest';
import { amongPeople } from '../../../../src/analysis/builtin/company.js';
import { makePage } from '../../../support/records.js';

const among = (exchanges: readonly (readonly [string, string])[]) =>
  amongPeople(
    [],
    exchanges.map(([says, answers]) => makePage(says, { agent_response: answers })),
  );

it('knows friends by what both say', () => {
  expect(
    among([
      ['Hey Ruth! How was your weekend?', 'Lovely, thanks! My sister came over and we cooked all day. You?'],
      ['We went to the lake with the kids, it was so nice!', 'Oh I miss that lake! We should go together.'],
    ]).at(-1),
  ).toBe(true);
});

it('still knows friends who write each other articles', () => {
  const friendly = [
    'Hey! How was your weekend? We were at my mum’s!',
    'So nice, my sister and I went to the sea!',
  ];
  const article = [
    'Do you have a recipe for pancakes?',
    'Here are the steps: 1. Mix 200 g of flour with two eggs and milk. 2. Let the batter rest. 3. Fry it in butter.',
  ];
  const exchanges = [friendly, article].flatMap(([says = '', answers = '']) =>
    Array.from({ length: 20 }, () => [says, answers] as const),
  );
  expect(among(exchanges).at(-1)).toBe(true);
  expect(among(exchanges.slice(20)).at(-1)).toBe(false);
});

it('judges the talk with an assistant alone after an imported one with a friend', () => {
  const from = (session: string, user: string, agent: string) =>
    makePage(user, { agent_response: agent, meta_data: { origin: { by: 'import', session } } });
  const friend = Array.from({ length: 30 }, () =>
    from('a', 'How was your weekend? We were at my mum’s!', 'So nice, my sister and I went to the sea!'),
  );
  const help = from(
    'b',
    'Please write a mail to my landlord.',
    'Of course! Here is a draft for your landlord: …',
  );
  const own = makePage('Please write a mail to my landlord.', {
    agent_response: 'Of course! Here is a draft of a mail to your landlord that you can send today:',
  });
  expect(amongPeople(friend.slice(0, 29), [...friend.slice(29), help, own])).toEqual([true, false, false]);
});

it('knows an assistant, however friendly', () => {
  const exchange = [
    'Can you write a short mail to my landlord? The heating has been off since Monday.',
    'Of course! Here is a draft: "Dear Mr Novak, the heating has been off since Monday." Shall I make it firmer?',
  ] as const;
  expect(among(Array.from({ length: 13 }, () => exchange))).not.toContain(true);
});

it.each(['I see.', 'Noted.', 'Got it!', ''])('takes a short answer for nobody: %j', (answer) => {
  const says = ['My printer is a Brother.', 'The deadline is 9 June.', 'Use tabs in this project.'];
  const all = Array.from({ length: 12 }, (_, i) => [says[i % 3] ?? '', answer] as const);
  expect(among(all)).not.toContain(true);
});
