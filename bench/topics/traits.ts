import { readFile } from 'node:fs/promises';
import { command, conversationFiles, needsConversations } from '../../scripts/command.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';
import { applyOperation } from '../../src/model/apply-operation.js';
import type { Page } from '../../src/model/page.js';
import type { Trait } from '../../src/model/profile.js';
import type { UserState } from '../../src/model/user-state.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import {
  commitPromotion,
  needOfPromotion,
  needOfPromotionCommit,
  planPromotion,
} from '../../src/tiers/mid-to-long.js';
import { commitReading, needOfReading, needOfReadingCommit, planReading } from '../../src/tiers/reading.js';
import { slices } from '../../tests/support/on-store.js';
import { fileConversation } from './memory.js';

const { data } = command({
  call: 'npm run bench:traits --',
  about:
    'Prints the traits that conversations lead to, each speaker as the user once, for a person to judge. bench/topics/trait-verdicts.json has the verdicts of the last reading.',
  time: 'a minute with both data sets.',
  needs: needsConversations,
})
  .addOption(conversationFiles())
  .parse()
  .opts<{ data: string[] }>();
const analyser = createBuiltinAnalyser();
const embedder = createBuiltinEmbedder();
const { signal } = new AbortController();
const capacityFacts = 100;
/** The default threshold of heat, as a number of pages that are not analysed plus recency. */
const hotPagesMin = 4;

const found: (readonly [string, readonly Trait[]])[] = [];
for (const file of data) {
  for (const conversation of parseLocomo(await readFile(file, 'utf8'))) {
    found.push([`${conversation.id}/a`, await traitsOf(conversation)]);
    found.push([`${conversation.id}/b`, await traitsOf(turnedRound(conversation))]);
  }
}
for (const [user, traits] of found)
  for (const { dimension, level, reason } of traits) console.log(`${user}/${dimension}: ${level}. ${reason}`);
const count = found.reduce((sum, [, traits]) => sum + traits.length, 0);
const without = found.filter(([, traits]) => traits.length === 0).length;
console.log(`${count} traits of ${found.length} users; ${without} users have none`);

/** The conversation with the other speaker as the user. */
function turnedRound(conversation: LocomoConversation): LocomoConversation {
  const pages = conversation.pages.map((page) => ({
    ...page,
    user_input: page.agent_response,
    agent_response: page.user_input,
  }));
  return { ...conversation, pages };
}

async function traitsOf(conversation: LocomoConversation): Promise<readonly Trait[]> {
  const { state } = await fileConversation(conversation);
  const segments = [...state.segments.values()];
  for (const { pages } of segments) for (const page of pages) await read(state, page);
  for (const segment of segments) {
    if (segment.pages.length < hotPagesMin) continue;
    const known = slices(state, needOfPromotion(segment.head.id));
    const whole = known.segments.get(segment.head.id);
    if (whole === undefined) continue;
    const plan = await planPromotion(known, whole, { analyser, embedder, capacityFacts, signal });
    const now = slices(state, needOfPromotionCommit(plan));
    for (const operation of commitPromotion(now, plan, capacityFacts, Date.parse(segment.head.updated_at)))
      applyOperation(state, operation);
  }
  return [...state.profile.values()];
}

async function read(state: UserState, page: Page): Promise<void> {
  const plan = await planReading(slices(state, needOfReading([page])), [page], analyser, signal);
  const now = slices(state, needOfReadingCommit(plan));
  for (const operation of commitReading(now, plan, capacityFacts, Date.parse(page.timestamp)))
    applyOperation(state, operation);
}
