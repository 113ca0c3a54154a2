import type { Misbehaviour } from './misbehaviour.js';
import type { BatchShape, SegmentShape } from './tasks.js';

export interface Reply {
  content: string | null;
  refusal: string | null;
  finishReason: string;
}

export const errorSentence =
  'Error: Could not get response from LLM. The upstream service reported an internal problem while the completion was being generated; the request was aborted, please try again in a few moments. (code 50012, node-7)';

/** Makes a wrong answer of a right one. */
export function misbehaveInContent(what: Misbehaviour, right: string, prompt: string): Reply {
  const reply = (content: string | null, finishReason = 'stop', refusal: string | null = null): Reply => ({
    content,
    refusal,
    finishReason,
  });
  switch (what.split(':')[0]) {
    case 'invalid-json':
      return reply('pages: P1 continues, P2 does not; topics = one');
    case 'fenced':
      return reply(
        `Here is the result you asked for:\n\`\`\`json\n${right}\n\`\`\`\nLet me know if you need more!`,
      );
    case 'object':
      return reply(asObjects(right));
    case 'own-form':
      return reply(
        prompt.includes('"properties"') ? right : JSON.stringify({ result: [right.slice(0, 40)] }),
      );
    case 'commas':
      return reply(right.replaceAll('}]', '},]').replaceAll('"]', '",]'));
    case 'think':
      return reply(`<think>\n${'wait, { "pages": [ maybe '.repeat(2_000)}\n</think>\n\n${right}`);
    case 'think-unclosed':
      return reply(`<think>\n${right}\n${'and so on and on '.repeat(2_000)}`);
    case 'empty':
      return reply('');
    case 'null':
      return reply(null);
    case 'refusal':
      return reply("I'm sorry, but I can't assist with that request.");
    case 'refusal-field':
      return reply(null, 'stop', "I'm sorry, I can't help with that.");
    case 'none':
      return reply('None.');
    case 'error':
      return reply(errorSentence);
    case 'filter':
      return reply('', 'content_filter');
    case 'truncated':
      return reply(right.slice(0, Math.ceil(right.length * 0.6)), 'length');
    case 'model-length':
      return reply(right.slice(0, Math.ceil(right.length * 0.6)), 'model_length');
    case 'broken-off':
      return reply(right.slice(0, Math.ceil(right.length * 0.6)), 'insufficient_system_resource');
    case 'wrong-pages':
      return reply(right.replace(/"P(\d+)"/g, (_, number: string) => `"P${Number(number) + 70}"`));
    case 'forgets-page':
      return reply(withBatch(right, forgetLastPage));
    case 'claims-twice':
      return reply(withBatch(right, claimFirstPageAgain));
    case 'huge':
      return reply(`${right}${' '.repeat(10_000_000)}`);
    case 'loop':
      return reply(`${right.slice(0, 30)}${'the user likes the user, '.repeat(400)}`, 'length');
    case 'loop-stop':
      return reply(`Well. ${'I think that I know. '.repeat(60)}`);
    case 'nothing-noted':
      return reply(
        withSegment(right, (notes) => {
          notes.facts = [];
          notes.traits = [];
        }),
      );
    case 'one-bad-summary':
      return reply(
        withBatch(right, (batch) => {
          const last = batch.pages.at(-1);
          if (last !== undefined) last.summary = errorSentence;
        }),
      );
    case 'error-summary':
      return reply(
        withBatch(right, (batch) => {
          for (const entry of [...batch.pages, ...batch.topics]) entry.summary = errorSentence;
        }),
      );
    case 'none-facts':
      return reply(withSegment(right, spoilWithNothings));
    case 'unsupported':
      return reply(withSegment(right, spoilWithInventions));
    default:
      return reply(right);
  }
}

function asObjects(right: string): string {
  const answer: Record<string, unknown> = JSON.parse(right);
  for (const [key, value] of Object.entries(answer))
    if (Array.isArray(value) && value.length > 0) answer[key] = value.length === 1 ? value[0] : value;
  if (Array.isArray(answer.topics))
    answer.topics = {
      ...(answer.topics[0] as object),
      pages: ((answer.pages ?? []) as { page: string }[]).map(({ page }) => page).join(', '),
    };
  return JSON.stringify(answer);
}

function withBatch(right: string, change: (batch: BatchShape) => void): string {
  const answer: BatchShape = JSON.parse(right);
  if (Array.isArray(answer.topics)) change(answer);
  return JSON.stringify(answer);
}

function withSegment(right: string, change: (notes: SegmentShape) => void): string {
  const answer: SegmentShape = JSON.parse(right);
  if (Array.isArray(answer.facts)) change(answer);
  return JSON.stringify(answer);
}

function forgetLastPage(batch: BatchShape): void {
  const last = batch.topics.at(-1);
  last?.pages.pop();
  if (last?.pages.length === 0) batch.topics.pop();
}

function claimFirstPageAgain(batch: BatchShape): void {
  const first = batch.topics[0];
  if (first === undefined) return;
  batch.topics.push({
    ...first,
    theme: 'again',
    pages: first.pages.slice(0, 1),
    merged: '',
  });
}

function spoilWithNothings(notes: SegmentShape): void {
  const page = 'P1';
  for (const fact of [
    'None.',
    '- None',
    '',
    '- ',
    '## User facts',
    '【User Data】',
    errorSentence,
    "I'm sorry, but I can't assist with that.",
  ])
    notes.facts.push({ about: 'user', fact, quote: fact, page, time: null, slot: null, ref: null });
  for (const reason of ['None', errorSentence])
    notes.traits.push({ dimension: 'Openness', level: 'High', reason, pages: [page] });
}

function spoilWithInventions(notes: SegmentShape): void {
  const fact = (text: string, page: string, about = 'user') =>
    notes.facts.push({ about, fact: text, quote: text, page, time: null, slot: null, ref: null });
  fact('User owns a zeppelin hangar near Ulaanbaatar.', 'P1');
  fact('User was convicted of burglary in 1987.', 'P1');
  fact('Assistant promised 40,000 euros.', 'P1', 'assistant');
  fact('User owns a zeppelin.', 'P99');
  notes.traits.push({
    dimension: 'Gaming Interest',
    level: 'High',
    reason: 'Plays zeppelin simulators nightly.',
    pages: ['P1'],
  });
  notes.traits.push({
    dimension: 'Zeppelin Interest',
    level: 'High',
    reason: 'Invented dimension.',
    pages: ['P1'],
  });
}
