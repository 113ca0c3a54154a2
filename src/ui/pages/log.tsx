import type { LoggedChange } from '../../api/types.js';
import { timeOf } from '../parts/dates.js';
import { Empty, Shown } from '../parts/shown.js';
import { useLoaded } from '../state.js';
import { texts } from '../texts.js';

const t = texts.log;

export function Log() {
  const loaded = useLoaded<{ changes: readonly LoggedChange[] }>('/log');
  return (
    <Shown loaded={loaded}>
      {({ changes }) =>
        changes.length === 0 ? (
          <Empty>{t.empty}</Empty>
        ) : (
          <ul class="log">
            {changes.map((change) => (
              <li key={`${change.at} ${change.fact_id ?? change.segment_id} ${change.action}`}>
                <time dateTime={change.at}>{timeOf(change.at)}</time>
                <span class="tag">{t.actions[change.action]}</span>
                <span class="quiet">{t.by[change.by]}</span>
                <Words change={change} />
              </li>
            ))}
          </ul>
        )
      }
    </Shown>
  );
}

function Words({ change }: { change: LoggedChange }) {
  const { before, after, forgotten, segment_id } = change;
  if (segment_id !== undefined) return <p class="quiet">{t.topic}</p>;
  if (forgotten !== null) return <p>{t.forgot(forgotten.pages, forgotten.facts)}</p>;
  if (before === null && after === null) return <p class="quiet">{t.gone}</p>;
  return (
    <p dir="auto">
      {before !== null && before !== after && (
        <>
          <del>{before}</del>{' '}
        </>
      )}
      {after}
    </p>
  );
}
