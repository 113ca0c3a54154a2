import type { Page } from '../../model/page.js';
import type { PageFact } from './page-fact.js';

const listIntroduction =
  /(?:^|\n)[^\n]{0,60}\b(?:recommend|suggest|recommendations?|suggestions?|options|ideas|places|restaurants|books|movies|films|podcasts|hotels|museums|dishes|recipes|songs|albums|games|apps|tools|gifts|novels|here are)\b[^\n]{0,80}:[ \t]*\n+((?:[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+[^\n]{1,300}\n?){2,12})/i;
const listItem =
  /^[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+(?:\*\*([^*\n]{2,60})\*\*|(\p{Lu}[^:–—\-\n(]{1,50}?)(?= ?[:–—(]| - |$))/gmu;
const listedMax = 5;

/** A list below "Here are some restaurants:" recommends its items. */
export function listed(page: Page): PageFact[] {
  const text = page.agent_response.slice(0, 8_000);
  const match = listIntroduction.exec(text);
  if (match === null) return [];
  const items = [...(match[1] ?? '').matchAll(listItem)].map((item) =>
    (item[1] ?? item[2] ?? '').replace(/[\s:.]+$/, ''),
  );
  const names = items.filter((item) => /\p{Lu}/u.test(item)).slice(0, listedMax);
  if (names.length < 2) return [];
  const shown = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  // The quote goes from the line before the list to the last item used.
  const from = match.index + match[0].length - match[0].trimStart().length;
  const last = text.indexOf(names.at(-1) ?? '', from) + (names.at(-1) ?? '').length;
  const quote = text.slice(from, last);
  return [
    { text: `The assistant recommended ${shown}`, value: shown.toLowerCase(), when: null, quote, page },
  ];
}
