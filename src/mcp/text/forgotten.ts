import type { ForgetResult } from '../../model/results.js';
import { inline, shortTime } from './quote.js';

const linesMax = 50;

/** What `forget_memory` deleted or would delete, for a model to show to the user. */
export function forgetText(result: ForgetResult): string {
  const lines = [
    ...result.pages.map((page) => `> ${page.page_id} [${shortTime(page.timestamp)}] ${inline(page.excerpt)}`),
    ...result.facts.map((fact) => `> ${fact.fact_id} ${inline(fact.knowledge)}`),
    ...result.traits.map((trait) => `> trait ${inline(trait)}`),
    ...result.segments.map((id) => `> segment ${id}`),
  ];
  const parts = [
    result.message,
    ...lines.slice(0, linesMax),
    lines.length > linesMax ? `… and ${lines.length - linesMax} more` : '',
    result.remaining.length === 0 ? '' : `Copies remain in: ${result.remaining.map(inline).join(', ')}`,
    result.confirmed || lines.length === 0
      ? ''
      : 'Nothing was deleted yet. Show this to the user; if they agree, call forget_memory again with confirm true.',
  ];
  return parts.filter((part) => part !== '').join('\n');
}
