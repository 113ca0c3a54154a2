const topics: readonly (readonly string[])[] = [
  ['garden', 'tomatoes', 'roses', 'compost', 'the greenhouse', 'the old pear tree'],
  ['kitchen', 'sourdough', 'the new oven', 'a lentil soup', 'knives', 'the market on Saturday'],
  ['travel', 'the train to Lisbon', 'a tent', 'the ferry', 'my passport', 'the hostel by the sea'],
  ['music', 'the violin', 'my teacher', 'the concert in June', 'new strings', 'a waltz'],
  ['work', 'the budget', 'the release', 'my colleague Ines', 'the meeting on Monday', 'the report'],
  ['health', 'my knee', 'swimming', 'the doctor', 'sleep', 'a marathon'],
];
const statements = [
  'Today I worked on THING and it went well',
  'I am thinking about THING again, since OTHER did not work out',
  'My sister asked me about THING, and I told her about OTHER',
  'Please remember that THING matters more to me than OTHER',
  'Next week I want to finish THING before OTHER',
];
const answers = [
  'Noted.',
  'I would begin with THING.',
  'That sounds good, tell me how it goes.',
  'I will remind you of THING.',
];

/** Exchanges of one user; several in a row have the same topic. The same seed gives the same exchanges. */
export function dialogue(seed: number): () => { question: string; said: string; answered: string } {
  let state = seed >>> 0;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = (list: readonly string[]) => list[random(list.length)] ?? '';
  let topic = topics[0] ?? [];
  let count = 0;
  return () => {
    if (count % 8 === 0) topic = topics[random(topics.length)] ?? [];
    count += 1;
    const fill = (text: string) => text.replace('THING', pick(topic)).replace('OTHER', pick(topic));
    return {
      question: `What did I say about ${pick(topic)}?`,
      said: `${fill(pick(statements))}. This is note ${count}.`,
      answered: fill(pick(answers)),
    };
  };
}
