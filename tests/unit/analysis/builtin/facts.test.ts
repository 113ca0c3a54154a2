import { expect, it } from 'vitest';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import type { FactDraft } from '../../../../src/ports/analyser.js';
import { makePage } from '../../../support/records.js';
import { positives, spokenAt, toldWithLimits, traps } from './fact-cases.js';

const analyser = createBuiltinAnalyser();
const recallMin = 0.9;
const trapShareMax = 0.06;

async function draftsOf(says: string): Promise<readonly FactDraft[]> {
  const page = makePage(says, { agent_response: '', timestamp: spokenAt });
  const { facts } = await analyser.readPages({ pages: [page], before: [], relatedFacts: [] });
  return facts;
}

it.each([
  "I don't have a dog.",
  "I don't dislike coriander.",
  'I did not get the job at Siemens.',
  'I am not married.',
])('keeps the negation: %s', async (says) => {
  const drafts = await draftsOf(says);
  expect(drafts.map(({ knowledge }) => knowledge)).toEqual([expect.stringMatching(/\bnot\b/)]);
});

it(`makes no fact of ${100 - trapShareMax * 100} % of the statements that are not asserted`, async () => {
  const fallen: string[] = [];
  for (const says of traps) {
    const found = await draftsOf(says);
    if (found.length > 0) fallen.push(`${says} -> ${found.map(({ knowledge }) => knowledge).join(' | ')}`);
  }
  expect({ fallen, held: fallen.length <= traps.length * trapShareMax }).toMatchObject({ held: true });
});

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

it(`finds at least ${recallMin * 100} % of the asserted statements`, async () => {
  const missed: string[] = [];
  let wanted = 0;
  for (const { says, facts } of positives) {
    const drafts = await draftsOf(says);
    // The time of an event is in the words of the fact or in its date.
    const found = drafts.map((fact) =>
      `${fact.knowledge} ${day.format(Date.parse(fact.timestamp))}`.toLowerCase(),
    );
    for (const words of facts) {
      wanted += 1;
      if (!found.some((text) => words.every((word) => text.includes(word.toLowerCase())))) {
        missed.push(`${says} (${words.join(' ')})`);
      }
    }
  }
  expect({ missed, recall: 1 - missed.length / wanted >= recallMin }).toMatchObject({ recall: true });
});

it.each(toldWithLimits)('keeps every restriction: $says', async ({ says, holds }) => {
  const found = await draftsOf(says);
  const all = found.map(({ knowledge }) => knowledge).join(' ');
  expect(found.length).toBeGreaterThan(0);
  for (const words of holds) expect(all).toContain(words);
});

it.each([
  "Give me three sentences with the word 'harvest'.",
  "Show me two examples with the verb 'carry'.",
  'Make me a list of names for a sailing boat.',
])('takes a request for something now for no rule: %s', async (says) => {
  expect(await draftsOf(says)).toEqual([]);
  expect(await draftsOf('Always give me two options.')).toHaveLength(1);
});

it.each([
  'Proofread: I work in a bakery since five years.',
  'The job ad reads: we work with Scala and offer free lunch.',
])('takes a text for no statement of the user: %s', async (says) => {
  expect(await draftsOf(says)).toEqual([]);
});

it.each([
  'You work as a nurse in Bergen.',
  "I'm organising one with my cousins.",
  "I only use it when I'm sick.",
  'I got two years ago in Spain.',
  "I'm a huge fan too!",
  'I read your message.',
  'Talk to you soon!',
  'A colleague of mine adopted a horse.',
  'Is rice a vegetable then',
])('leaves what points at something said before: %s', async (says) => {
  expect(await draftsOf(says)).toEqual([]);
});

it.each([
  ["We're expecting twins in March.", "We're expecting twins in March."],
  ["I've worked with Python and C++.", 'The user has worked with Python and C++.'],
  ['I write C# at work.', 'I write C# at work.'],
  ['Just so you know, I only have an induction hob.', 'The user only has an induction hob.'],
  ['I have a dog named Bo. (image: a dog on a sofa)', 'The user has a dog named Bo.'],
])('keeps what is said, with its signs: %s', async (says, known) => {
  const [fact] = await draftsOf(says);
  expect(fact?.knowledge).toContain(known);
});

it.each([
  ['My mother tongue is Welsh, so if an idiom is odd please say what it means.', ['Welsh']],
  ['I work nights, four on, so when I say tomorrow I mean the afternoon.', ['nights, four on']],
  ['The clinic moved my scan 🙄. I have asthma.', ['has asthma']],
  ['Every second Friday evening I sing in a choir.', ['sing']],
  ['bro i live above a chip shop', ['chip shop']],
  ['Our accountant, Philippa, works from Leeds.', ['Philippa', 'Leeds']],
  ["My husband Dmitri, he's a lorry driver.", ['Dmitri', 'lorry driver']],
  ["My L5 disc is bad so I can't sit for long.", ['L5 disc is bad.']],
  ['Our customers are almost all dental labs.', ['dental labs']],
  ['I learnt Welsh at school.', ['Welsh']],
])('reads what stands beside a part that states nothing: %s', async (says, holds) => {
  const all = (await draftsOf(says)).map(({ knowledge }) => knowledge).join(' ');
  for (const words of holds) expect(all.toLowerCase()).toContain(words.toLowerCase());
});

it.each([
  "I have a twin brother, but that's not true.",
  "I can eat nuts, but not if they're roasted with peanuts.",
  'I work at Google, so the scammer claimed on the phone.',
  "I'm Sherlock, so suppose you are Watson.",
  'Suppose I have two kids but I rent a flat.',
  'She texted me, I am pregnant, but I am keeping the baby.',
  'I am 1.90 m tall and have six wives 🤪',
  'I have six kids. I live in a castle. Only joking.',
  'I almost had 3 kids.',
  'I am possibly 40.',
  "If I won the lottery I'd buy a boat. It's a 7 metre folkboat that my grandfather built in 1962.",
  'He said he is 40, and I have two sons.',
  "I'd be happy if you came, so I can rest.",
  'I am the king of France. Just kidding.',
  'I have nine lives 🤪',
  'I almost bought a caravan.',
  "Explain TLS like I'm five.",
  'Assume my service has ten million users.',
  'Guido apparently lives in Texas.',
  'A riddle: I have keys but no locks.',
  'My name is <NAME> and I have worked in <CITY> for <N> years.',
  'The house I rented in the story was haunted.',
])('takes no statement out of what is not stated: %s', async (says) => {
  expect(await draftsOf(says)).toEqual([]);
});

it('quotes the sentence before one that leans on it, unless two people talk', async () => {
  const says = "I need a name for a boat. It's a 7 metre folkboat that my grandfather built in 1962.";
  const [fact] = await draftsOf(says);
  expect(fact).toMatchObject({ knowledge: expect.stringContaining(says), slot: null });
  const friend = makePage('How are you?', {
    agent_response: "I'm great, my kids and I went to the beach! How was your weekend? I miss you!",
  });
  const { facts } = await analyser.readPages({
    pages: [makePage(says)],
    before: Array.from({ length: 13 }, () => friend),
    relatedFacts: [],
  });
  expect(facts).toEqual([]);
});

/** The facts that are ended by others in two messages, by their place among all facts. */
async function endedBy(before: string, after: string): Promise<readonly unknown[]> {
  const on = (day: number) => ({ agent_response: '', timestamp: `2026-03-0${day}T10:00:00Z` });
  const { facts } = await analyser.readPages({
    pages: [makePage(before, on(1)), makePage(after, on(2))],
    before: [],
    relatedFacts: [],
  });
  return facts.flatMap(({ ends }) => ends);
}

it.each([
  ['My manager is called Tove.', 'Sorry, that was wrong: my manager is called Tuva.'],
  ['My daughter is four.', 'My daughter turned five yesterday.'],
  ['My phone is a Pixel 7.', 'I got a Fairphone to replace the Pixel.'],
  ['Our main branch is called master.', 'We renamed master to main.'],
  ['Our tech lead is Bernd.', 'Bernd left, Amara is tech lead now.'],
  ["I'm married to Teo.", 'Teo and I got divorced in the autumn.'],
  ["I'm writing my thesis.", 'I handed in my thesis today!'],
  ["I don't eat fish.", "I've started eating fish."],
  ['Pilar is my girlfriend.', 'Pilar is my wife now.'],
  ['Please answer in French.', 'You can answer in English again.'],
  ['My son Jonas hates mushrooms.', 'Jonas likes mushrooms now.'],
  ['My mother adores opera.', 'Mum has gone off opera.'],
  ['I use vim.', 'I switched to Helix.'],
  ['My password manager is LastPass.', 'I changed over to Bitwarden.'],
  ['My therapist is Karin.', "I've got a new therapist, Dr Olsen."],
  ["I'm on the waiting list for a kidney.", 'I got my kidney transplant!'],
  ["I don't have a car.", 'I bought a car.'],
  ['My dog Rex is deaf.', 'Rex died last night.'],
  ['Our cat Mimi is deaf.', 'Mimi died.'],
  ['I run twice a week.', 'I run four times a week these days.'],
  ['Use British spelling.', 'Actually, use American spelling.'],
  ['I smoke a pack a day.', 'I stopped smoking three weeks ago.'],
  ['We meet on Tuesdays.', 'Actually we meet on Thursdays.'],
  ["I'm writing a grant application.", 'The application is done, so the grant job is off my list.'],
])('ends what is no longer so: %s %s', async (before, after) => {
  expect(await endedBy(before, after)).toEqual([0]);
});

it.each([
  ['I drive an old Golf.', 'I want to replace the Golf.'],
  ['I drive an old Golf.', 'My sister sold her Golf.'],
  ['I have a dog called Rufus.', "My neighbour's dog died."],
  ['I use a hearing aid.', 'I switched to Helix.'],
  ["I don't have a car.", 'I have a car seat for my nephew.'],
  ['Our nanny is called Beata.', 'My sister has a new nanny.'],
  ['My manager is Helen.', 'We use a new password manager.'],
  ['I have never been to Japan.', 'My parents went to Japan.'],
  ['I use vim.', 'I switched to oat milk.'],
  ['My violin teacher lives in Lisbon.', 'I moved to Rotterdam in spring.'],
  ['I am a nurse at St Mary.', 'I joined Facebook.'],
  ['My sister Ilse lives in Ghent.', 'My sister Ilse sold her car.'],
  ['My husband Karim does the school run.', 'Karim lost his job at the port yesterday.'],
  ['Use tabs for indentation.', 'I used to go sailing.'],
  ['I use Jira for tickets.', 'I stopped using Slack.'],
  ['I play in a band.', 'I no longer play in the orchestra.'],
  ['I run 10 km every Sunday.', 'I run a club with 40 members now.'],
  ['We never deploy on Fridays, only Monday to Thursday.', 'The bakery by the river closes on Mondays.'],
])('ends nothing that may still be so: %s %s', async (before, after) => {
  expect(await endedBy(before, after)).toEqual([]);
});

it.each([
  [
    'what is told in passing, in text without capitals',
    'which sourdough starter is easiest? the flour i buy is rye. i share a flat in leeds with two nurses. no links please, my phone is a mess with them',
    ['a flat in leeds with two nurses'],
  ],
  [
    'what comes before a request for a poem',
    'I taught chemistry for thirty years. Please write me a poem about the periodic table. I am made of carbon.',
    ['taught chemistry for thirty years'],
  ],
  [
    'a part whose pronoun means a noun of its own',
    'The printer is out of ink, I have a greyhound called Fly and she is deaf.',
    ['greyhound called Fly'],
  ],
  ['what is no joke', 'I swim in the lake every morning, also in January, not kidding.', ['swim']],
])('keeps %s', async (_what, says, wanted) => {
  const drafts = await draftsOf(says);
  expect(drafts.map(({ knowledge }) => knowledge)).toEqual(
    wanted.map((words) => expect.stringContaining(words)),
  );
});

it('takes nothing from a quotation, whatever its marks', async () => {
  expect(await draftsOf("Explain the song: 'My daughter lives in Texas. I drive a truck.'")).toEqual([]);
});

it('does not cut a sentence at an abbreviation', async () => {
  const drafts = await draftsOf('We have three cats, two dogs etc. and a horse called Star.');
  expect(drafts.map(({ knowledge }) => knowledge)).toEqual([expect.stringContaining('horse called Star')]);
});

it('keeps short statements whoever answers', async () => {
  const page = (says: string, response: string, day: number) =>
    makePage(says, {
      agent_response: response,
      timestamp: `2026-03-${String(day).padStart(2, '0')}T10:00:00Z`,
    });
  const before = Array.from({ length: 12 }, (_, i) =>
    page('Fix the build.', 'I fixed the bug in our build script.', i + 1),
  );
  const { facts } = await analyser.readPages({
    pages: [page('I ride a Brompton to work.', 'I updated the tests.', 20)],
    before,
    relatedFacts: [],
  });
  expect(facts.map(({ knowledge }) => knowledge)).toContainEqual(expect.stringContaining('Brompton'));
  const amongFriends = Array.from({ length: 3 }, (_, i) =>
    page('How was your weekend? We were at my mum’s!', 'So nice, my sister and I went to the sea!', i + 1),
  );
  const toFriend = await analyser.readPages({
    pages: [page("I'm allergic to penicillin.", 'Oh no, since when? My aunt is, too.', 20)],
    before: amongFriends,
    relatedFacts: [],
  });
  expect(toFriend.facts.map(({ knowledge }) => knowledge)).toEqual([expect.stringContaining('penicillin')]);
});

it.each([
  ['an hour', '2026-03-01T09:00:00Z', 0],
  ['three hours', '2026-03-01T07:00:00Z', 1],
])('goes on with a role-play that began %s before', async (_, timestamp, count) => {
  const begun = makePage("Let's role-play: you are a dragon and I am a knight.", { timestamp });
  const page = makePage('I live in Lisbon.', { timestamp: '2026-03-01T10:00:00Z' });
  const { facts } = await analyser.readPages({ pages: [page], before: [begun], relatedFacts: [] });
  expect(facts.filter(({ assistant_id }) => assistant_id === null)).toHaveLength(count);
});

it('keeps less of a long message to a person than of one to an assistant', async () => {
  const says =
    'It was such a warm day at the lake with the Hendersons, and it was so very lovely. I walked to the mill and back with my brother.';
  const person = 'Nice! I was at my sister’s, and we made a huge lasagne. My back still hurts.';
  const assistant = 'That sounds lovely. Would you like a packing list?';
  const countAfter = async (response: string) => {
    const pages = Array.from({ length: 9 }, (_, i) =>
      makePage(says, { agent_response: response, timestamp: `2026-03-0${i + 1}T10:00:00Z` }),
    );
    const [first, ...rest] = pages.reverse();
    if (first === undefined) throw new Error('There are pages.');
    const { facts } = await analyser.readPages({ pages: [first], before: rest, relatedFacts: [] });
    return facts.filter(({ assistant_id }) => assistant_id === null).length;
  };
  expect(await countAfter(person)).toBeLessThan(await countAfter(assistant));
});

it('ends nothing if several facts can be meant', async () => {
  expect(await endedBy('I use Jira. I use Slack.', 'I switched to Linear.')).toEqual([]);
  expect(await endedBy('I use Jira.', 'I switched to Linear.')).toEqual([0]);
});

it('stores with every fact its exact source words', async () => {
  for (const { says } of positives) {
    for (const { quote } of await draftsOf(says)) expect(says).toContain(quote);
  }
});

it.each([
  ["Sure! I'd recommend the ramen at Ichiran. It is open late.", ['recommended the ramen at Ichiran']],
  ['Good idea. I will remind you to call your dentist on Friday.', ['promised to remind the user']],
  [
    'Here are some books:\n- **Dune**\n- **Hyperion**\n- **Solaris**\nEnjoy!',
    ['recommended Dune, Hyperion and Solaris'],
  ],
])("stores the assistant's exact words with its fact: %s", async (answers, wanted) => {
  const page = makePage('What do you think?', { agent_response: answers, timestamp: spokenAt });
  const { facts } = await analyser.readPages({ pages: [page], before: [], relatedFacts: [] });
  expect(facts).toHaveLength(wanted.length);
  facts.forEach((fact, i) => {
    expect(fact.knowledge).toContain(wanted[i]);
    expect(fact.quote?.length).toBeGreaterThan(10);
    expect(answers).toContain(fact.quote);
  });
});
