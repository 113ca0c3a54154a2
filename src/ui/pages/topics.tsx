import { useState } from 'preact/hooks';
import type { SegmentSummary } from '../../api/types.js';
import { call } from '../api.js';
import { dayOf } from '../parts/dates.js';
import { Dialog } from '../parts/dialog.js';
import { Empty, Shown } from '../parts/shown.js';
import { SplitDialog } from '../parts/split-dialog.js';
import { asApiError, useLoaded } from '../state.js';
import { plural, texts } from '../texts.js';

const t = texts.topics;

export function Topics() {
  const loaded = useLoaded<{ segments: readonly SegmentSummary[] }>('/segments');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [merging, setMerging] = useState(false);
  const [splitting, setSplitting] = useState<SegmentSummary | null>(null);
  const choose = (id: string, is: boolean) => {
    const next = new Set(chosen);
    if (is) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <Shown loaded={loaded}>
      {({ segments }) => {
        if (segments.length === 0) return <Empty>{t.empty}</Empty>;
        const toMerge = segments.filter(({ segment_id }) => chosen.has(segment_id));
        return (
          <>
            {segments.length > 1 && (
              <div class="actions sticky">
                <button type="button" disabled={toMerge.length < 2} onClick={() => setMerging(true)}>
                  {t.merge}
                </button>
                <span class="quiet" role="status">
                  {toMerge.length === 0 ? t.mergeAbout : `${plural(toMerge.length, 'topic')} ${t.chosen}`}
                </span>
              </div>
            )}
            <ul class="cards">
              {segments.map((segment) => (
                <Topic
                  key={segment.segment_id}
                  segment={segment}
                  chosen={chosen.has(segment.segment_id)}
                  choose={segments.length > 1 ? (is) => choose(segment.segment_id, is) : null}
                  split={() => setSplitting(segment)}
                  reload={loaded.reload}
                />
              ))}
            </ul>
            {merging && (
              <MergeDialog
                segments={toMerge}
                done={(merged) => {
                  setMerging(false);
                  if (!merged) return;
                  setChosen(new Set());
                  loaded.reload();
                }}
              />
            )}
            {splitting !== null && (
              <SplitDialog
                segment={splitting}
                done={(split) => {
                  setSplitting(null);
                  if (split) loaded.reload();
                }}
              />
            )}
          </>
        );
      }}
    </Shown>
  );
}

interface TopicProps {
  readonly segment: SegmentSummary;
  readonly chosen: boolean;
  /** Null where there is nothing to choose from. */
  readonly choose: ((is: boolean) => void) | null;
  readonly split: () => void;
  readonly reload: () => void;
}

function Topic({ segment, chosen, choose, split, reload }: TopicProps) {
  const [name, setName] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const rename = (event: Event) => {
    event.preventDefault();
    call('PATCH', `/segments/${segment.segment_id}`, { theme: name }).then(
      () => {
        setName(null);
        setProblem(null);
        reload();
      },
      (error: unknown) => setProblem(asApiError(error).message),
    );
  };
  return (
    <li class="card">
      {name === null ? (
        <div class="topic">
          {choose !== null && (
            <input
              type="checkbox"
              checked={chosen}
              aria-label={`${t.choose} ${segment.theme}`}
              onChange={(event) => choose(event.currentTarget.checked)}
            />
          )}
          <h2 dir="auto">{segment.theme}</h2>
        </div>
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
        {segment.pages > 1 && (
          <button type="button" class="quiet" onClick={split}>
            {t.split}
          </button>
        )}
      </div>
    </li>
  );
}

/** Asks which topic keeps its name, and merges the others into it. */
function MergeDialog({
  segments,
  done,
}: {
  segments: readonly SegmentSummary[];
  done: (merged: boolean) => void;
}) {
  const [into, setInto] = useState(segments[0]?.segment_id ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const merge = () => {
    const from = segments.map(({ segment_id }) => segment_id).filter((id) => id !== into);
    call('POST', `/segments/${into}/merge`, { from }).then(
      () => done(true),
      (error: unknown) => setProblem(asApiError(error).message),
    );
  };
  return (
    <Dialog heading={t.mergeHeading} close={() => done(false)}>
      {problem !== null && (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      <fieldset>
        <legend>{t.mergeInto}</legend>
        {segments.map((segment) => (
          <label key={segment.segment_id} class="choice">
            <input
              type="radio"
              name="into"
              checked={into === segment.segment_id}
              onChange={() => setInto(segment.segment_id)}
            />
            <span dir="auto">
              {segment.theme} ({plural(segment.pages, 'exchange')})
            </span>
          </label>
        ))}
      </fieldset>
      <div class="actions">
        <button type="button" onClick={() => done(false)}>
          {texts.cancel}
        </button>
        <button type="button" class="main" onClick={merge}>
          {t.merge}
        </button>
      </div>
    </Dialog>
  );
}
