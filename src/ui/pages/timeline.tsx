import { useState } from 'preact/hooks';
import type { Exchange, TimelineResult } from '../../api/types.js';
import type { Change } from '../api.js';
import { usePaged } from '../paged.js';
import { ExchangeCard } from '../parts/exchange.js';
import { ForgetDialog } from '../parts/forget-dialog.js';
import { SearchField } from '../parts/search-field.js';
import { Empty, Problem } from '../parts/shown.js';
import { VirtualList } from '../parts/virtual-list.js';
import { plural, texts } from '../texts.js';

const t = texts.timeline;

interface Filters {
  readonly text: string;
  readonly since: string;
  readonly until: string;
  readonly side: '' | 'user' | 'agent';
  readonly project: string;
}

const unfiltered: Filters = { text: '', since: '', until: '', side: '', project: '' };

export function Timeline({ parameters }: { parameters: URLSearchParams }) {
  const [filters, setFilters] = useState<Filters>(unfiltered);
  const segment = parameters.get('segment');
  const { items, total, more, problem, reload } = usePaged(
    '/exchanges',
    asked(filters, segment),
    pieceOf,
    concerns,
  );
  const [forgetting, setForgetting] = useState<Exchange | null>(null);
  const set = (change: Partial<Filters>) => setFilters({ ...filters, ...change });
  return (
    <>
      <FilterFields filters={filters} set={set} projects={new Set(items.map(projectOf))} />
      {segment !== null && (
        <p class="quiet">
          {t.ofTopic} <a href="#/timeline">{t.allTopics}</a>
        </p>
      )}
      <Problem text={problem} />
      <p class="quiet" role="status">
        {total === null ? texts.loading : plural(total, 'exchange')}
      </p>
      {total === 0 && <Empty>{t.empty}</Empty>}
      {total !== null && total > 0 && (
        <VirtualList
          items={items}
          total={total}
          keyOf={(exchange) => exchange.id}
          more={more}
          label={texts.nav.timeline}
        >
          {(exchange) => (
            <TimelineEntry
              exchange={exchange}
              showProject={(project) => set({ project })}
              forget={() => setForgetting(exchange)}
            />
          )}
        </VirtualList>
      )}
      {forgetting !== null && (
        <ForgetDialog
          what={{ page_ids: [forgetting.id] }}
          done={(forgotten) => {
            setForgetting(null);
            if (forgotten) reload();
          }}
        />
      )}
    </>
  );
}

interface FilterFieldsProps {
  readonly filters: Filters;
  readonly set: (change: Partial<Filters>) => void;
  /** The projects to suggest; null is the unknown one. */
  readonly projects: ReadonlySet<string | null>;
}

function FilterFields({ filters, set, projects }: FilterFieldsProps) {
  return (
    <div class="filters">
      <SearchField label={t.search} layout="grow" value={filters.text} change={(text) => set({ text })} />
      <DateField label={t.since} value={filters.since} change={(since) => set({ since })} />
      <DateField label={t.until} value={filters.until} change={(until) => set({ until })} />
      <label>
        <span>{t.side}</span>
        <select
          value={filters.side}
          onChange={(event) => set({ side: event.currentTarget.value as Filters['side'] })}
        >
          <option value="">{t.both}</option>
          <option value="user">{t.user}</option>
          <option value="agent">{t.agent}</option>
        </select>
      </label>
      <SearchField
        label={t.project}
        list="projects"
        value={filters.project}
        change={(project) => set({ project })}
      />
      <datalist id="projects">
        {[...projects].map((project) => project !== null && <option key={project} value={project} />)}
      </datalist>
    </div>
  );
}

function DateField(props: { label: string; value: string; change: (value: string) => void }) {
  return (
    <label>
      <span>{props.label}</span>
      <input type="date" value={props.value} onInput={(event) => props.change(event.currentTarget.value)} />
    </label>
  );
}

interface TimelineEntryProps {
  readonly exchange: Exchange;
  readonly showProject: (project: string) => void;
  readonly forget: () => void;
}

function TimelineEntry({ exchange, showProject, forget }: TimelineEntryProps) {
  const project = projectOf(exchange);
  return (
    <ExchangeCard said={exchange}>
      {exchange.segment_id === null && <span class="tag">{t.inShortTerm}</span>}
      {project !== null && (
        <button type="button" class="tag" onClick={() => showProject(project)}>
          <span class="unseen">{t.project}</span> <span dir="auto">{project}</span>
        </button>
      )}
      <button type="button" class="quiet" onClick={forget}>
        {t.forget}
      </button>
    </ExchangeCard>
  );
}

function asked(filters: Filters, segment: string | null): URLSearchParams {
  const parameters = new URLSearchParams();
  if (filters.text.trim() !== '') parameters.set('text', filters.text);
  if (filters.since !== '') parameters.set('since', startOf(filters.since, 0));
  if (filters.until !== '') parameters.set('until', startOf(filters.until, 1));
  if (filters.side !== '') parameters.set('side', filters.side);
  if (filters.project.trim() !== '') parameters.set('project', filters.project.trim());
  if (segment !== null) parameters.set('segment_id', segment);
  return parameters;
}

function pieceOf({ exchanges, total, next }: TimelineResult) {
  return { items: exchanges, total, next };
}

const concerns = (change: Change) => change.short_term || change.mid_term;

/** The project of an exchange; null when unknown. */
function projectOf({ meta_data: { project } }: Exchange): string | null {
  return typeof project === 'string' && project !== '' ? project : null;
}

/** Midnight in the browser's time zone, `daysLater` days later. */
function startOf(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}
