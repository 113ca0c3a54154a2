import { useState } from 'preact/hooks';
import type { Fact, LoggedChange, UpdateResult } from '../../api/types.js';
import { call } from '../api.js';
import { type ChangeFact, FactCard, factLengthMax } from '../parts/fact-card.js';
import { historyOf } from '../parts/fact-history.js';
import { ForgetDialog } from '../parts/forget-dialog.js';
import { LineForm } from '../parts/line-form.js';
import { SearchField } from '../parts/search-field.js';
import { Empty, Problem, Shown } from '../parts/shown.js';
import { asApiError, useLoaded } from '../state.js';
import { texts } from '../texts.js';
import { noteChange, takeBack, useLatestChange } from '../undo.js';

interface KnowledgeAnswer {
  readonly user_facts: readonly Fact[];
  readonly assistant_facts: readonly Fact[];
}

const t = texts.knowledge;

export function Knowledge() {
  const loaded = useLoaded<KnowledgeAnswer>('/knowledge');
  const [filter, setFilter] = useState('');
  const changes = useLoaded<{ changes: readonly LoggedChange[] }>('/log').answer?.changes ?? [];
  const { change, undo, problem } = useFactChanges(loaded.reload);
  const [forgetting, setForgetting] = useState<Fact | null>(null);
  const shared = { changes, filter, change, forget: setForgetting };
  return (
    <Shown loaded={loaded}>
      {({ user_facts: about, assistant_facts: done }) => (
        <>
          <AddFact added={loaded.reload} />
          <SearchField label={t.filter} layout="block" value={filter} change={setFilter} />
          <LatestChange problem={problem} undo={undo} />
          {about.length + done.length === 0 && <Empty>{t.empty}</Empty>}
          <Facts heading={t.aboutUser} facts={about} {...shared} />
          <Facts heading={t.aboutAssistant} facts={done} {...shared} />
          {forgetting !== null && (
            <ForgetDialog
              what={{ fact_ids: [forgetting.id] }}
              done={() => {
                setForgetting(null);
                loaded.reload();
              }}
            />
          )}
        </>
      )}
    </Shown>
  );
}

/** Changes facts, and undoes the latest change. `problem`: why the last attempt failed. */
function useFactChanges(reload: () => void) {
  const [problem, setProblem] = useState<string | null>(null);
  const change: ChangeFact = async (fact, seen, to) => {
    try {
      const path = `/facts/${fact.id}`;
      const { before, fact: now } = await call<UpdateResult>('PATCH', path, { ...to, seen });
      const back =
        to.knowledge === undefined
          ? { pinned: !to.pinned }
          : { knowledge: before ?? seen, seen: now.knowledge };
      noteChange({ said: `${t.changed} ${now.knowledge}`, method: 'PATCH', path, body: back });
      setProblem(null);
      return true;
    } catch (error) {
      setProblem(asApiError(error).message);
      return false;
    } finally {
      reload();
    }
  };
  const undo = async () => {
    await takeBack().then(
      () => setProblem(null),
      (error: unknown) => setProblem(asApiError(error).message),
    );
    reload();
  };
  return { change, undo, problem };
}

/** The latest change, which can be undone, and why the last attempt failed. */
function LatestChange({ problem, undo }: { problem: string | null; undo: () => Promise<void> }) {
  const latest = useLatestChange();
  return (
    <div role="status">
      {problem !== null && <p class="notice">{problem}</p>}
      {latest !== null && (
        <p class="notice" dir="auto">
          {latest.said}{' '}
          <button type="button" onClick={() => void undo()}>
            {t.undo}
          </button>
        </p>
      )}
    </div>
  );
}

function AddFact({ added }: { added: () => void }) {
  const [knowledge, setKnowledge] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = () => {
    call<UpdateResult>('POST', '/facts', { knowledge }).then(
      ({ fact }) => {
        const body = { fact_ids: [fact.fact_id], confirm: true };
        noteChange({ said: `${t.added} ${fact.knowledge}`, method: 'POST', path: '/forget', body });
        setKnowledge('');
        setProblem(null);
        added();
      },
      (error: unknown) => setProblem(asApiError(error).message),
    );
  };
  return (
    <LineForm
      label={t.addLabel}
      value={knowledge}
      maxLength={factLengthMax}
      change={setKnowledge}
      submit={submit}
      submitLabel={t.add}
    >
      <Problem text={problem} />
    </LineForm>
  );
}

interface FactsProps {
  readonly heading: string;
  readonly facts: readonly Fact[];
  readonly changes: readonly LoggedChange[];
  readonly filter: string;
  readonly change: ChangeFact;
  readonly forget: (fact: Fact) => void;
}

function Facts({ heading, facts, changes, filter, change, forget }: FactsProps) {
  const wanted = filter.trim().toLowerCase();
  const isCurrent = (fact: Fact) => fact.superseded_by === null;
  const past = facts.filter((fact) => !isCurrent(fact));
  const shown = facts
    .filter(isCurrent)
    .filter((fact) => fact.knowledge.toLowerCase().includes(wanted))
    .sort(
      (a, b) => Number(b.pinned === true) - Number(a.pinned === true) || (a.timestamp < b.timestamp ? 1 : -1),
    );
  if (shown.length === 0) return null;
  return (
    <section>
      <h2>{heading}</h2>
      <ul class="cards">
        {shown.map((fact) => (
          <FactCard
            key={fact.id}
            fact={fact}
            history={historyOf(fact, past, changes)}
            change={change}
            forget={forget}
          />
        ))}
      </ul>
    </section>
  );
}
