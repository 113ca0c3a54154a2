import type { StatsResult } from '../../model/results.js';
import { inline, shortTime } from './quote.js';

/** What `get_memory_stats` answers, for a model to read. */
export function statsText(stats: StatsResult): string {
  const { short_term, mid_term, long_term, archive, analysis, index } = stats;
  const waiting = `${analysis.pages_waiting} exchanges and ${analysis.segments_waiting} topics wait for analysis`;
  const lines = [
    `Memory of "${inline(stats.user_id)}" with "${inline(stats.assistant_id)}" as of ${shortTime(stats.timestamp)} UTC`,
    `Short-term: ${short_term.pages} of ${short_term.capacity} exchanges`,
    `Mid-term: ${mid_term.segments} of ${mid_term.capacity} topics with ${mid_term.pages} exchanges`,
    `Long-term: ${long_term.traits} traits, ${long_term.user_facts} facts about the user, ${long_term.assistant_facts} about the assistant (at most ${long_term.capacity} each), ${long_term.superseded_facts} of them superseded`,
    `Archive: ${archive.segments} topics with ${archive.pages} exchanges`,
    `Analysis by ${inline(analysis.analyser)}${analysis.paused ? ', paused' : ''}: ${waiting}${analysis.waiting_since === null ? '' : ` since ${shortTime(analysis.waiting_since)}`}`,
    analysis.last_error === null ? '' : `Last error: ${inline(analysis.last_error)}`,
    `Index: ${inline(index.embedder)}, ${index.vectors} vectors, ${index.vectors_missing} to be made`,
    ...stats.notices.map((notice) => `Notice: ${inline(notice)}`),
  ];
  return lines.filter((line) => line !== '').join('\n');
}
