import { batchTaskLine } from '../../../src/prompts/analyse-batch.js';
import { segmentTaskLine } from '../../../src/prompts/analyse-segment.js';
import { respondTaskLine } from '../../../src/prompts/respond.js';
import { overlapOf, sentencesOf, wordsOf } from './text.js';

export interface PromptMessage {
  readonly role: string;
  readonly content: string;
}

/** A task of the fake model: recognises its prompts and makes the answer from the prompt alone. */
export interface FakeTask {
  readonly name: string;
  readonly line: string;
  /** Throws when the prompt is not as expected. */
  answer(messages: readonly PromptMessage[]): string;
}

interface ShownPage {
  readonly label: string;
  readonly user: string;
  readonly assistant: string;
  readonly summary: string;
}

export interface BatchShape {
  pages: { page: string; continues: boolean; summary: string }[];
  topics: {
    theme: string;
    keywords: string[];
    summary: string;
    pages: string[];
    merged: string;
  }[];
}

export interface SegmentShape {
  traits: { dimension: string; level: string; reason: string; pages: string[] }[];
  facts: {
    about: string;
    fact: string;
    quote: string;
    page: string;
    time: string | null;
    slot: string | null;
    ref: string | null;
  }[];
}

export const batchTask: FakeTask = {
  name: 'batch',
  line: batchTaskLine,
  answer: (messages) => JSON.stringify(fileBatch(dataOf(messages))),
};
export const segmentTask: FakeTask = {
  name: 'segment',
  line: segmentTaskLine,
  answer: (messages) => JSON.stringify(noteSegment(dataOf(messages))),
};

/** Questions of bench/locomo. The answer is the sentence of the excerpts that shares most words with the question. */
export const locomoTask: FakeTask = {
  name: 'locomo',
  line: 'You answer questions about a conversation',
  answer: (messages) => {
    const [, excerpts, question] =
      /^Excerpts:\n\n([\s\S]*)\n\nQuestion: (.*)\nShort answer:$/.exec(messages.at(-1)?.content ?? '') ?? [];
    if (excerpts === undefined || question === undefined)
      throw new Error('no excerpts and question in the prompt');
    const best = sentencesOf(excerpts)
      .map((text) => ({ text, shared: overlapOf(text, question) }))
      .sort((a, b) => b.shared - a.shared)[0];
    return best === undefined || best.shared === 0 ? 'not mentioned' : best.text;
  },
};

export const respondTask: FakeTask = { name: 'respond', line: respondTaskLine, answer: respondFromMemory };

/** Answers with the remembered line that shares most words with the message. */
function respondFromMemory(messages: readonly PromptMessage[]): string {
  const memory = sectionOf(messages[0]?.content ?? '', 'memory');
  if (!messages[0]?.content.includes('<memory>')) throw new Error('no <memory> in the prompt');
  const said = messages.at(-1)?.content ?? '';
  const best = memory
    .split('\n')
    .filter((line) => /^(U: |A: |- )/.test(line))
    .map((line) => ({ text: line.replace(/^(U: |A: |- )/, ''), shared: overlapOf(line, said) }))
    .sort((a, b) => b.shared - a.shared)[0];
  return best === undefined || best.shared === 0 ? 'I do not know that yet.' : `I remember: ${best.text}`;
}

/** The data of a prompt is in its first user message; later messages ask to repair an answer. */
function dataOf(messages: readonly PromptMessage[]): string {
  const data = messages.find(
    (message) => message.role === 'user' && message.content.includes('<conversation>'),
  );
  if (data === undefined) throw new Error('no <conversation> in the prompt');
  return data.content;
}

export function sectionOf(text: string, name: string): string {
  const begin = text.indexOf(`<${name}>`);
  const end = text.indexOf(`</${name}>`);
  if ((begin === -1) !== (end === -1) || end < begin) throw new Error(`section <${name}> is not closed`);
  return begin === -1 ? '' : text.slice(begin + name.length + 2, end).trim();
}

export function pagesIn(section: string): ShownPage[] {
  const pages: ShownPage[] = [];
  for (const line of section.split('\n')) {
    if (/^\d{4}-\d\d-\d\d$/.test(line)) continue;
    const [, label, who, said] = /^(?:(P\d+) )?(U|A|thread): (.*)$/.exec(line) ?? [];
    if (who === undefined || said === undefined) throw new Error(`not a line of a page: ${line}`);
    if (label !== undefined) pages.push({ label, user: '', assistant: '', summary: '' });
    const last = pages.at(-1);
    if (last === undefined) throw new Error(`a line before the first page: ${line}`);
    const key = who === 'U' ? 'user' : who === 'A' ? 'assistant' : 'summary';
    pages[pages.length - 1] = { ...last, [key]: said };
  }
  return pages;
}

function fileBatch(data: string): BatchShape {
  const shown = pagesIn(sectionOf(data, 'conversation'));
  const segment = sectionOf(data, 'segment');
  const answer: BatchShape = { pages: [], topics: [] };
  let before: ShownPage | undefined;
  for (const page of shown) {
    const first = cut(sentencesOf(page.user)[0] ?? sentencesOf(page.assistant)[0] ?? page.user, 120);
    if (page.label === 'P0') {
      before = page;
      continue;
    }
    const whole = `${page.user} ${page.assistant}`;
    const continues = before !== undefined && overlapOf(whole, `${before.user} ${before.assistant}`) >= 2;
    const summary =
      continues && before !== undefined && before.summary !== ''
        ? `${cut(before.summary, 160)} ${first}`
        : first;
    answer.pages.push({ page: page.label, continues, summary });
    before = { ...page, summary };
    const topic = answer.topics.at(-1);
    if (continues && topic !== undefined) {
      topic.pages.push(page.label);
      topic.summary = cut(`${topic.summary} ${first}`, 250);
      topic.keywords = [...new Set([...topic.keywords, ...keywordsOf(whole)])].slice(0, 8);
    } else {
      const keywords = keywordsOf(whole);
      answer.topics.push({
        theme: keywords.slice(0, 3).join(' '),
        keywords,
        summary: first,
        pages: [page.label],
        merged: '',
      });
    }
  }
  for (const topic of answer.topics) {
    const about = `${topic.keywords.join(' ')} ${topic.summary}`;
    if (overlapOf(segment, about) >= 3)
      topic.merged = cut(`${segment.replace(/^[^:]*: /, '')} ${topic.summary}`, 300);
  }
  return answer;
}

const interests: readonly [RegExp, string][] = [
  [/\b(travel|trip|flight|hotel)/i, 'Travel Interest'],
  [/\b(dog|cat|puppy|pet)s?\b/i, 'Animal Concern'],
  [/\b(violin|piano|guitar|music|concert|song)/i, 'Music Interest'],
  [/\b(book|novel|reading)/i, 'Literature Interest'],
  [/\b(cook|bake|baking|recipe|vegetarian)/i, 'Food Interest'],
  [/\b(run|running|marathon|yoga|swim|hike|hiking)/i, 'Sports Interest'],
  [/\b(paint|drawing|pottery|museum)/i, 'Art Interest'],
];

function noteSegment(data: string): SegmentShape {
  const known = labelled(sectionOf(data, 'facts'), 'F');
  sectionOf(data, 'profile');
  const answer: SegmentShape = { traits: [], facts: [] };
  for (const page of pagesIn(sectionOf(data, 'conversation'))) {
    for (const sentence of sentencesOf(page.user)) {
      if (sentence.endsWith('?')) continue;
      const interest = interests.find(([pattern]) => pattern.test(sentence))?.[1];
      if (interest !== undefined && !answer.traits.some(({ dimension }) => dimension === interest))
        answer.traits.push({
          dimension: interest,
          level: 'High',
          reason: `Speaks of it: ${sentence}`,
          pages: [page.label],
        });
      if (!/^(I|I'm|I've|My|We) /.test(sentence)) continue;
      const slot = /\b(live in|moved to)\b/.test(sentence) ? 'home' : null;
      const same = known.find(({ text }) => text.includes(sentence));
      const old = slot === null ? undefined : known.find(({ text }) => /\b(live in|moved to)\b/.test(text));
      const ref = same?.label ?? (old === undefined ? null : `not ${old.label}`);
      answer.facts.push({
        about: 'user',
        fact: `User: ${sentence}`,
        quote: sentence,
        page: page.label,
        time: null,
        slot,
        ref,
      });
    }
    for (const sentence of sentencesOf(page.assistant))
      if (/^(I|I'll|I've) .*\b(recommend|suggest|promise|will|made|sent|booked)/.test(sentence))
        answer.facts.push({
          about: 'assistant',
          fact: `Assistant: ${sentence}`,
          quote: sentence,
          page: page.label,
          time: null,
          slot: null,
          ref: null,
        });
  }
  return answer;
}

function labelled(section: string, kind: string): { label: string; text: string }[] {
  if (section === '') return [];
  return section.split('\n').map((line) => {
    const match = new RegExp(`^(${kind}\\d+) (.*)$`).exec(line);
    if (match?.[1] === undefined || match[2] === undefined)
      throw new Error(`not an entry ${kind}1, ${kind}2, …: ${line}`);
    return { label: match[1], text: match[2] };
  });
}

function keywordsOf(text: string): string[] {
  return [...new Set(wordsOf(text))].slice(0, 6);
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : text.slice(0, charactersMax).toWellFormed();
}
