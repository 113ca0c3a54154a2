import { z } from 'zod';
import type { Exchange } from '../../model/exchange.js';
import type { History } from './history.js';
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
/** What Google puts before the prompt in English; in other languages it stays. */
const prefix = /^(?:Prompted|Said|Asked)\s+/;

/** Gemini Takeout: one prompt with one answer each, without conversations; a month becomes one segment. */
export const geminiTakeout: History = {
  source,
  title: 'Gemini Takeout',
  async *read(file, report) {
    const months = new Map<string, Exchange[]>();
    let number = 0;
    for await (const element of elementsOf(file, ['$'], report)) {
      number += 1;
      const where = `${file}, activity ${number}`;
      const parsed = activitySchema.safeParse(element);
      const timestamp = parsed.success ? timeFrom(parsed.data.time) : null;
      if (!parsed.success || timestamp === null) {
        report.leaveOut('an activity has not its form', where);
        continue;
      }
      const { title, time, safeHtmlItem } = parsed.data;
      if (safeHtmlItem === null || safeHtmlItem === undefined) {
        // "Used a feature", "Gave feedback" and the like.
        report.leaveOut('an activity without an answer', where, title);
        continue;
      }
      const month = timestamp.slice(0, 7);
      const exchanges = months.get(month) ?? [];
      exchanges.push({
        key: `${source}\n${time}\n${title}`,
        userInput: title.replace(prefix, ''),
        agentResponse: safeHtmlItem.map(({ html }) => plainTextOf(html)).join('\n\n'),
        timestamp,
        project: null,
        origin: { by: 'import', client: source },
      });
      months.set(month, exchanges);
    }
    for (const [month, exchanges] of [...months].sort()) {
      // The newest come first in the file.
      yield {
        id: `${source}\n${month}`,
        title: `Gemini ${month}`,
        exchanges: exchanges.toReversed(),
        facts: [],
      };
    }
  },
};
