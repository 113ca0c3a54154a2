import type { DayCount, SegmentSummary, StatsResult } from '../../api/types.js';
import { DayChart } from '../parts/day-chart.js';
import { Empty, Shown } from '../parts/shown.js';
import { SparkLine } from '../parts/spark-line.js';
import { useLoaded } from '../state.js';
import { plural, texts } from '../texts.js';

interface OverviewAnswer {
  readonly stats: StatsResult;
  readonly hottest: readonly HotSegment[];
  readonly days: readonly DayCount[];
}

interface HotSegment extends SegmentSummary {
  /** On each of the days. */
  readonly heat_by_day: readonly number[];
}

const t = texts.overview;

export function Overview() {
  const loaded = useLoaded<OverviewAnswer>('/overview');
  return (
    <Shown loaded={loaded}>
      {({ stats, hottest, days }) => (
        <>
          <Health stats={stats} />
          {stats.short_term.pages + stats.mid_term.pages === 0 && <Empty>{t.empty}</Empty>}
          <Tiers stats={stats} />
          {days.length > 0 && (
            <section>
              <h2>{t.perDay}</h2>
              <DayChart days={days} />
            </section>
          )}
          {hottest.length > 0 && (
            <section>
              <h2>{t.hottest}</h2>
              <p class="quiet">{t.hottestAbout}</p>
              <Hottest segments={hottest} />
            </section>
          )}
        </>
      )}
    </Shown>
  );
}

/** The stored memory is checked separately, because this takes a while for a large one. */
function Health({ stats: { notices, analysis, index } }: { stats: StatsResult }) {
  const { answer, error } = useLoaded<{ problems: readonly string[] }>('/health');
  const stored = answer?.problems ?? (error === null ? null : [error.message]);
  const working = [
    ...(analysis.last_error === null ? [] : [`${t.analysisFails} ${analysis.last_error}`]),
    ...(index.last_error === null ? [] : [`${t.indexFails} ${index.last_error}`]),
  ];
  const problems = stored === null && working.length === 0 ? null : [...(stored ?? []), ...working];
  return (
    <section
      class={problems === null || problems.length === 0 ? 'health well' : 'health'}
      aria-label={t.health}
      aria-live="polite"
    >
      {problems === null ? (
        <p>{t.checking}</p>
      ) : problems.length === 0 ? (
        <p>{t.healthy}</p>
      ) : (
        <ul>
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      {notices.map((notice) => (
        <p key={notice} class="quiet">
          {notice}
        </p>
      ))}
      <p class="quiet">
        {t.analyser} {analysis.analyser}
      </p>
    </section>
  );
}

function Tiers({ stats }: { stats: StatsResult }) {
  const { short_term, mid_term, long_term, archive, analysis } = stats;
  const facts = long_term.user_facts + long_term.assistant_facts;
  const waiting = analysis.pages_waiting + analysis.segments_waiting;
  return (
    <section class="tiers">
      <Tier
        name={t.shortTerm}
        about={t.shortTermAbout}
        full={short_term.pages / short_term.capacity}
        figure={plural(short_term.pages, 'exchange')}
        of={short_term.capacity}
      />
      <p class="flow">{t.migrates}</p>
      <Tier
        name={t.midTerm}
        about={t.midTermAbout}
        full={mid_term.segments / mid_term.capacity}
        figure={`${plural(mid_term.segments, 'topic')}, ${plural(mid_term.pages, 'exchange')}`}
        of={mid_term.capacity}
      />
      <p class="flow">{t.promotes}</p>
      <Tier
        name={t.longTerm}
        about={t.longTermAbout}
        full={long_term.user_facts / long_term.capacity}
        figure={`${plural(facts, 'fact')}, ${plural(long_term.traits, 'trait')}`}
        of={long_term.capacity}
      />
      {waiting > 0 && (
        <p class="quiet">
          {plural(analysis.pages_waiting, 'exchange')}, {plural(analysis.segments_waiting, 'topic')}:{' '}
          {t.waiting}
        </p>
      )}
      {archive.pages > 0 && (
        <p class="quiet">
          {t.archive}: {plural(archive.pages, 'exchange')}
        </p>
      )}
    </section>
  );
}

function Tier(props: { name: string; about: string; full: number; figure: string; of: number }) {
  return (
    <div class="tier">
      <h2>{props.name}</h2>
      <p class="figure">{props.figure}</p>
      <progress value={Math.min(1, props.full)} max={1} aria-label={`${props.name}: ${props.figure}`} />
      <p class="quiet">
        {props.about}
        <br />
        {t.of} {props.of.toLocaleString()}
      </p>
    </div>
  );
}

function Hottest({ segments }: { segments: readonly HotSegment[] }) {
  const mostADay = Math.max(...segments.flatMap((segment) => segment.heat_by_day), 1);
  const most = Math.max(...segments.map((segment) => segment.heat), 1);
  return (
    <ul class="bars hottest">
      {segments.map((segment) => (
        <li key={segment.segment_id}>
          <a href={`#/timeline?segment=${segment.segment_id}`} dir="auto">
            {segment.theme}
          </a>
          <SparkLine values={segment.heat_by_day} most={mostADay} />
          <meter
            min={0}
            max={most}
            value={segment.heat}
            aria-label={`${texts.topics.heat} ${segment.heat.toFixed(1)}`}
          />
          <span>{segment.heat.toFixed(1)}</span>
        </li>
      ))}
    </ul>
  );
}
