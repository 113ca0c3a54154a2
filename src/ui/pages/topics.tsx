import { useState } from 'preact/hooks';
import type { SegmentSummary } from '../../api/types.js';
import { call } from '../api.js';
import { dayOf } from '../parts/dates.js';
import { Empty, Shown } from '../parts/shown.js';
import { asApiError, useLoaded } from '../state.js';
import { plural, texts } from '../texts.js';

const t = texts.topics;

export function Topics() {
  const loaded = useLoaded<{ segments: readonly SegmentSummary[] }>('/segments');
  return (
    <Shown loaded={loaded}>
      {({ segments }) =>
        segments.length === 0 ? (
          <Empty>{t.empty}</Empty>
        ) : (
          <ul class="cards">
            {segments.map((segment) => (
              <Topic key={segment.segment_id} segment={segment} reload={loaded.reload} />
            ))}
          </ul>
        )
      }
    </Shown>
  );
}

function Topic({ segment, reload }: { segment: SegmentSummary; reload: () => void }) {
  const [name, setName] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const rename = (event: Event) => {
    event.preventDefault();
    call('PATCH', `/segments/${segment.segment_id}`, { theme: name }).then(
      () => {
        setName(null);
        reload();
      },
      (error: unknown) => setProblem(asApiError(error).message),
    );
  };
  return (
    <li class="card">
      {name === null ? (
        <h2 dir="auto">{segment.theme}</h2>
      ) : (
        <form class="line" onSubmit={rename}>
          <label class="grow">
            <span class="unseen">{t.name}</span>
            <input required dir="auto" value={name} onInput={(event) => setName(event.currentTarget.value)} />
          </label>
          <button type="submit" class="main">
            {texts.save}
          </button>
          <button type="button" onClick={() => setName(null)}>
            {texts.cancel}
          </button>
        </form>
      )}
      {problem !== null && (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      <p dir="auto">{segment.summary}</p>
      {segment.keywords.length > 0 && (
        <p class="quiet" dir="auto">
          {segment.keywords.join(', ')}
        </p>
      )}
      <p class="quiet">
        {plural(segment.pages, 'exchange')}
        {segment.first_page_at !== null && segment.last_page_at !== null && (
          <>
            , {dayOf(segment.first_page_at)}
            {dayOf(segment.first_page_at) !== dayOf(segment.last_page_at) && (
              <> – {dayOf(segment.last_page_at)}</>
            )}
          </>
        )}
        , {t.heat.toLowerCase()} {segment.heat.toFixed(1)}
      </p>
      <div class="actions">
        <a href={`#/timeline?segment=${segment.segment_id}`}>{t.show}</a>
        {name === null && (
          <button type="button" class="quiet" onClick={() => setName(segment.theme)}>
            {t.rename}
          </button>
        )}
      </div>
    </li>
  );
}
