import { useState } from 'preact/hooks';
import type { Fact, UpdateResult } from '../../api/types.js';
import { call } from '../api.js';
import { dayOf } from '../parts/dates.js';
import { Evidence } from '../parts/evidence.js';
import { ForgetDialog } from '../parts/forget-dialog.js';
import { Empty, Shown } from '../parts/shown.js';
import { asApiError, useLoaded } from '../state.js';
import { texts } from '../texts.js';

interface KnowledgeAnswer {
  readonly user_facts: readonly Fact[];
  readonly assistant_facts: readonly Fact[];
}

/** The last change of this session, which can be taken back. */
interface Undo {
  readonly said: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const t = texts.knowledge;

export function Knowledge() {
  const loaded = useLoaded<KnowledgeAnswer>('/knowledge');
  const [filter, setFilter] = useState('');
  const [undo, setUndo] = useState<Undo | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [forgetting, setForgetting] = useState<Fact | null>(null);

  const change: Change = async (fact, seen, to) => {
    try {
      const path = `/facts/${fact.id}`;
      const { before, fact: now } = await call<UpdateResult>('PATCH', path, { ...to, seen });
      const back =
        to.knowledge === undefined
          ? { pinned: !to.pinned }
          : { knowledge: before ?? seen, seen: now.knowledge };
      setUndo({ said: t.changed, path, body: back });
      setProblem(null);
    } catch (error) {
      setProblem(asApiError(error).message);
    }
    loaded.reload();
  };
  const takeBack = async () => {
    if (undo === null) return;
    await call('PATCH', undo.path, undo.body).catch((error: unknown) =>
      setProblem(asApiError(error).message),
    );
    setUndo(null);
    loaded.reload();
  };

  return (
    <Shown loaded={loaded}>
      {({ user_facts: about, assistant_facts: done }) => (
        <>
          <AddFact added={loaded.reload} />
          <label class="block">
            <span>{t.filter}</span>
            <input
              type="search"
              dir="auto"
              value={filter}
              onInput={(event) => setFilter(event.currentTarget.value)}
            />
          </label>
          <div role="status">
            {problem !== null && <p class="notice">{problem}</p>}
            {undo !== null && (
              <p class="notice">
                {undo.said}{' '}
                <button type="button" onClick={() => void takeBack()}>
                  {t.undo}
                </button>
              </p>
            )}
          </div>
          {about.length + done.length === 0 && <Empty>{t.empty}</Empty>}
          <Facts heading={t.aboutUser} facts={about} filter={filter} change={change} forget={setForgetting} />
          <Facts
            heading={t.aboutAssistant}
            facts={done}
            filter={filter}
            change={change}
            forget={setForgetting}
          />
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

function AddFact({ added }: { added: () => void }) {
  const [knowledge, setKnowledge] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    call<UpdateResult>('POST', '/facts', { knowledge }).then(
      () => {
        setKnowledge('');
        setProblem(null);
        added();
      },
      (error: unknown) => setProblem(asApiError(error).message),
    );
  };
  return (
    <form class="line" onSubmit={submit}>
      <label class="grow">
        <span>{t.addLabel}</span>
        <input
          required
          dir="auto"
          maxLength={400}
          value={knowledge}
          onInput={(event) => setKnowledge(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="main">
        {t.add}
      </button>
      {problem !== null && (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

/** `seen`: how the fact read when its change was begun; it may read otherwise by now. */
type Change = (fact: Fact, seen: string, to: { knowledge?: string; pinned?: boolean }) => Promise<void>;

interface FactsProps {
  readonly heading: string;
  readonly facts: readonly Fact[];
  readonly filter: string;
  readonly change: Change;
  readonly forget: (fact: Fact) => void;
}

function Facts({ heading, facts, filter, change, forget }: FactsProps) {
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
            history={historyOf(fact, past)}
            change={change}
            forget={forget}
          />
        ))}
      </ul>
    </section>
  );
}

/** What a fact took the place of, latest first. */
function historyOf(fact: Fact, past: readonly Fact[]): readonly Fact[] {
  const before = past.filter((former) => former.superseded_by === fact.id);
  return before.flatMap((former) => [former, ...historyOf(former, past)]);
}

function FactCard({
  fact,
  history,
  change,
  forget,
}: { fact: Fact; history: readonly Fact[] } & Pick<FactsProps, 'change' | 'forget'>) {
  const [text, setText] = useState<string | null>(null);
  const [seen, setSeen] = useState(fact.knowledge);
  const pinned = fact.pinned === true;
  const submit = (event: Event) => {
    event.preventDefault();
    if (text === null) return;
    setText(null);
    void change(fact, seen, { knowledge: text });
  };
  return (
    <li class="card">
      {text === null ? (
        <p class="fact" dir="auto">
          {fact.knowledge} {pinned && <span class="tag">{t.pinned}</span>}
        </p>
      ) : (
        <form class="line" onSubmit={submit}>
          <label class="grow">
            <span class="unseen">{t.correct}</span>
            <input
              required
              dir="auto"
              maxLength={400}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="main">
            {texts.save}
          </button>
          <button type="button" onClick={() => setText(null)}>
            {texts.cancel}
          </button>
        </form>
      )}
      {fact.quote !== null && (
        <blockquote class="quiet" dir="auto">
          {fact.quote}
        </blockquote>
      )}
      <Evidence label={t.source} pageIds={fact.page_ids} />
      {history.length > 0 && (
        <details>
          <summary>{t.history}</summary>
          <ul>
            {history.map((former) => (
              <li key={former.id} class="past" dir="auto">
                {former.knowledge} ({dayOf(former.timestamp)})
              </li>
            ))}
          </ul>
        </details>
      )}
      <div class="actions">
        <time class="quiet" dateTime={fact.timestamp}>
          {dayOf(fact.timestamp)}
        </time>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            setText(fact.knowledge);
            setSeen(fact.knowledge);
          }}
        >
          {t.correct}
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => void change(fact, fact.knowledge, { pinned: !pinned })}
        >
          {pinned ? t.unpin : t.pin}
        </button>
        <button type="button" class="quiet" onClick={() => forget(fact)}>
          {t.forget}
        </button>
      </div>
    </li>
  );
}
