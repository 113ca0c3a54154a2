import type { LocomoConversation } from '../../src/cli/demo/locomo.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import type { OpenedMemory } from '../locomo/memory.js';

const dayMs = 86_400_000;

interface DateQuestion {
  readonly text: string;
  readonly nowMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

const long = (ms: number, locale: string, options: Intl.DateTimeFormatOptions = {}) =>
  new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone: 'UTC', ...options }).format(ms);
const weekdayOf = (ms: number) =>
  new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(ms);
const dayOf = (ms: number) => Math.floor(ms / dayMs) * dayMs;
const ordinal = (n: number) =>
  `${n}${n % 10 === 1 && n !== 11 ? 'st' : n % 10 === 2 && n !== 12 ? 'nd' : n % 10 === 3 && n !== 13 ? 'rd' : 'th'}`;

/** Ways to ask for a time, made from a day on which people talked, the days beside it and the end of the memory. */
const phrasings: readonly ((day: number, end: number, next: number) => DateQuestion)[] = [
  (day, end) =>
    of(
      `What did we talk about on ${long(day, 'en', { day: undefined })} ${ordinal(new Date(day).getUTCDate())}?`,
      end,
      day,
    ),
  (day, end) => of(`What was said on ${long(day, 'en-GB', { year: 'numeric' })}?`, end, day),
  (day) => of('What did we discuss yesterday?', day + dayMs + dayMs / 2, day),
  (day) => of('What happened three days ago?', day + 3 * dayMs + dayMs / 3, day),
  (day) => of(`What did I tell you last ${weekdayOf(day)}?`, day + 4 * dayMs, day),
  (day, end) => of(`Anything on ${new Date(day).toISOString().slice(0, 10)}?`, end, day),
  (day, end, next) =>
    of(
      `What did we cover between ${long(day, 'en-US')} and ${long(next, 'en-US')}?`,
      end,
      day,
      next + dayMs - 1,
    ),
  (day) => of('Summarise the last two days', day + 2 * dayMs + dayMs / 4, day, day + 2 * dayMs + dayMs / 4),
  (day, end) => of(`Worüber haben wir am ${long(day, 'de')} gesprochen?`, end, day),
  (day) => of('¿De qué hablamos ayer?', day + dayMs + dayMs / 2, day),
  (day, end) => of(`What plans did we make on ${long(day, 'en-US')}?`, end, day),
  (day) => of('What was on my mind yesterday?', day + dayMs + dayMs / 2, day),
  (day, end) => of(`How was I feeling on the day of ${long(day, 'en-GB')}?`, end, day),
  (day) => of('What good news did I have two days ago?', day + 2 * dayMs + dayMs / 2, day),
];

function of(text: string, nowMs: number, startMs: number, endMs = startMs + dayMs - 1): DateQuestion {
  return { text, nowMs, startMs, endMs };
}

/** Asks ten questions about times. Returns how many have a first page of the right time, and the questions that do not. */
export async function datesRight(
  { pages }: Pick<LocomoConversation, 'pages'>,
  { store, embedder, reader, clock, engine }: OpenedMemory,
): Promise<{ right: number; asked: number; wrong: string[] }> {
  const retriever = new MemoryRetriever({ store, embedder, reader, clock, shortTermCapacityPages: 10 });
  await retriever.settled();
  const days = [...new Set(pages.map(({ timestamp }) => dayOf(Date.parse(timestamp))))].sort((a, b) => a - b);
  const wrong: string[] = [];
  try {
    for (const [i, phrasing] of phrasings.entries()) {
      const at = Math.floor(((i + 0.5) / phrasings.length) * (days.length - 1));
      const question = phrasing(days[at] ?? 0, clock.now(), days[at + 1] ?? days[at] ?? 0);
      const found = await retriever.search({
        text: question.text,
        nowMs: question.nowMs,
        // The question is asked in the middle of the memory, so later pages do not exist yet.
        untilMs: question.nowMs,
        pagesMax: 10,
        factsMax: 0,
        relevanceMin: 'fitted',
        assistantId: engine.assistantId,
      });
      const first = Date.parse(found.pages[0]?.page.timestamp ?? '');
      if (!(first >= question.startMs && first <= question.endMs)) {
        wrong.push(
          `${question.text} (asked ${new Date(question.nowMs).toISOString()}): ${found.pages[0]?.page.timestamp ?? 'nothing'}`,
        );
      }
    }
  } finally {
    await retriever.close();
  }
  return { right: phrasings.length - wrong.length, asked: phrasings.length, wrong };
}
