import { useState } from 'preact/hooks';
import type { SegmentSummary } from '../../api/types.js';
import { type Change, call } from '../api.js';
import { usePaged } from '../paged.js';
import { dayOf } from '../parts/dates.js';
import { Dialog } from '../parts/dialog.js';
import { LineForm } from '../parts/line-form.js';
import { SearchField } from '../parts/search-field.js';
import { Empty, Problem } from '../parts/shown.js';
import { SplitDialog } from '../parts/split-dialog.js';
import { VirtualList } from '../parts/virtual-list.js';
import { asApiError } from '../state.js';
import { plural, texts } from '../texts.js';

const t = texts.topics;

interface SegmentsAnswer {
  readonly segments: readonly SegmentSummary[];
  readonly total: number;
  readonly next: string | null;
}

export function Topics() {
  const [text, setText] = useState('');
  const parameters = new URLSearchParams(text.trim() === '' ? {} : { text });
  const { items, total, more, problem, reload } = usePaged('/segments', parameters, pieceOf, concerns);
  const [chosen, setChosen] = useState<ReadonlyMap<string, SegmentSummary>>(new Map());
  const [merging, setMerging] = useState(false);
  const [splitting, setSplitting] = useState<SegmentSummary | null>(null);
  const choose = (segment: SegmentSummary, is: boolean) => {
    const next = new Map(chosen);
    if (is) next.set(segment.segment_id, segment);
    else next.delete(segment.segment_id);
    setChosen(next);
  };
  const isSearched = text.trim() !== '';
  if (total === 0 && !isSearched) return <Empty>{t.empty}</Empty>;
  return (
    <>
      <div class="line">
        <SearchField label={t.search} layout="grow" value={text} change={setText} />
        <button type="button" disabled={chosen.size < 2} onClick={() => setMerging(true)}>
          {t.merge}
        </button>
      </div>
      <Problem text={problem} />
      <TopicCount total={total} chosen={chosen.size} />
      {total === 0 && <Empty>{t.noneFits}</Empty>}
      {total !== null && total > 0 && (
        <VirtualList
          items={items}
          total={total}
          keyOf={(segment) => segment.segment_id}
          more={more}
          label={texts.nav.topics}
        >
          {(segment) => (
            <Topic
              segment={segment}
              chosen={chosen.has(segment.segment_id)}
              choose={total > 1 || isSearched ? (is) => choose(segment, is) : null}
              split={() => setSplitting(segment)}
              reload={reload}
            />
          )}
        </VirtualList>
      )}
      {merging && (
        <MergeDialog
          segments={[...chosen.values()]}
          done={(merged) => {
            setMerging(false);
            if (!merged) return;
            setChosen(new Map());
            reload();
          }}
        />
      )}
      {splitting !== null && (
        <SplitDialog
          segment={splitting}
          done={(split) => {
            setSplitting(null);
            if (split) reload();
          }}
        />
      )}
    </>
  );
}

function TopicCount({ total, chosen }: { total: number | null; chosen: number }) {
  return (
    <p class="quiet" role="status">
      {total === null ? texts.loading : plural(total, 'topic')}
      {total !== null && (total > 1 || chosen > 0) && (
        <>. {chosen === 0 ? t.mergeAbout : `${plural(chosen, 'topic')} ${t.chosen}.`}</>
      )}
    </p>
  );
}

function pieceOf({ segments, total, next }: SegmentsAnswer) {
  return { items: segments, total, next };
}

const concerns = (change: Change) => change.mid_term;

interface TopicProps {
  readonly segment: SegmentSummary;
  readonly chosen: boolean;
  /** Null when there is nothing to choose from. */
  readonly choose: ((is: boolean) => void) | null;
  readonly split: () => void;
  readonly reload: () => void;
}

function Topic({ segment, chosen, choose, split, reload }: TopicProps) {
  const [name, setName] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const rename = () => {
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
    <article class="card">
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
        <LineForm label={t.name} value={name} change={setName} submit={rename} cancel={() => setName(null)} />
      )}
      <Problem text={problem} />
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
    </article>
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
      <Problem text={problem} />
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
