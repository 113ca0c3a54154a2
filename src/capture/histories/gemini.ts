import * as z from 'zod';
import type { Exchange } from '../../model/exchange.js';
import { activitiesOf, type HtmlActivity } from './gemini-html.js';
import type { History, HistoryReport } from './history.js';
import { plainTextOf } from './html.js';
import { elementsOf } from './json-stream.js';
import { timeFrom } from './times.js';

/** An element of `MyActivity.json` of Google Takeout ("My Activity", "Gemini Apps", as JSON). */
const activitySchema = z.looseObject({
  title: z.string(),
  time: z.string(),
  safeHtmlItem: z.array(z.looseObject({ html: z.string() })).nullish(),
});

const source = 'gemini';
/** Google's English text before the prompt. Its translations are not removed. */
const prefix = /^(?:Prompted|Said|Asked)\s+/;

/**
 * Gemini Takeout: single prompts with one answer each, without conversations. Each month becomes one segment.
 */
export const geminiTakeout: History = {
  source,
  title: 'Gemini Takeout',
  async *read(file, report) {
    const months = new Map<string, Exchange[]>();
    let number = 0;
    for await (const activity of isPage(file) ? activitiesOf(file, report) : recordsOf(file, report)) {
      number += 1;
      const where = `${file}, activity ${number}`;
      if (activity === null) {
        report.leaveOut('an activity has an unknown format', where);
        continue;
      }
      const { title, answer } = activity;
      if (answer === '') {
        // Such as "Used a feature" or "Gave feedback".
        report.leaveOut('an activity without an answer', where, title);
        continue;
      }
      if (activity.timestamp === null) {
        report.leaveOut('a time in an unknown format; export the activity as JSON', where, title);
        continue;
      }
      // The HTML page has times only to the second. Rounding lets an exchange found in both files become one
      // page.
      const timestamp = `${activity.timestamp.slice(0, 19)}.000Z`;
      const userInput = title.replace(prefix, '');
      const month = timestamp.slice(0, 7);
      const exchanges = months.get(month) ?? [];
      exchanges.push({
        key: `${source}\n${timestamp}\n${userInput}`,
        userInput,
        agentResponse: answer,
        timestamp,
        project: null,
        origin: { by: 'import', client: source },
      });
      months.set(month, exchanges);
    }
    for (const [month, exchanges] of [...months].sort()) {
      // The file has the newest entries first.
      yield {
        id: `${source}\n${month}`,
        title: `Gemini ${month}`,
        exchanges: exchanges.toReversed(),
        facts: [],
      };
    }
  },
};

function isPage(file: string): boolean {
  return /\.html?$/i.test(file);
}

/** The records of the JSON file; null for a record that does not match the schema. */
async function* recordsOf(file: string, report: HistoryReport): AsyncGenerator<HtmlActivity | null> {
  for await (const element of elementsOf(file, ['$'], report)) {
    const parsed = activitySchema.safeParse(element);
    const timestamp = parsed.success ? timeFrom(parsed.data.time) : null;
    if (!parsed.success || timestamp === null) {
      yield null;
      continue;
    }
    const { title, safeHtmlItem } = parsed.data;
    const answer = (safeHtmlItem ?? []).map(({ html }) => plainTextOf(html)).join('\n\n');
    yield { title, timestamp, answer };
  }
}
