import type { Fact, LoggedChange } from '../../api/types.js';
import { texts } from '../texts.js';
import { dayOf, timeOf } from './dates.js';

const t = texts.knowledge;

/** An earlier text of a fact, and what ended it. */
export interface Former {
  readonly key: string;
  readonly knowledge: string;
  readonly ended: string;
}

/** Facts that this fact superseded, and corrections by hand, latest first. */
export function historyOf(
  fact: Fact,
  past: readonly Fact[],
  changes: readonly LoggedChange[],
): readonly Former[] {
  const corrected = changes.flatMap(({ fact_id, action, before, after, at, by }) =>
    fact_id === fact.id && action === 'edited' && before !== null && before !== after
      ? [{ key: at, knowledge: before, ended: `${t.correctedBy} ${texts.log.by[by]}, ${timeOf(at)}` }]
      : [],
  );
  const replaced = past
    .filter((former) => former.superseded_by === fact.id)
    .flatMap((former) => [
      {
        key: former.id,
        knowledge: former.knowledge,
        ended: `${dayOf(former.timestamp)} – ${dayOf(fact.timestamp)}, ${t.historyAbout} “${fact.knowledge}”`,
      },
      ...historyOf(former, past, changes),
    ]);
  return [...corrected, ...replaced];
}

export function FactHistory({ history }: { history: readonly Former[] }) {
  if (history.length === 0) return null;
  return (
    <details>
      <summary>{t.history}</summary>
      <ul>
        {history.map((former) => (
          <li key={former.key} dir="auto">
            <del>{former.knowledge}</del> <span class="quiet">{former.ended}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
