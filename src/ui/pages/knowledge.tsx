import { useState } from 'preact/hooks';
import type { Fact, LoggedChange, UpdateResult } from '../../api/types.js';
import { call } from '../api.js';
import { dayOf, timeOf } from '../parts/dates.js';
import { Evidence } from '../parts/evidence.js';
import { ForgetDialog } from '../parts/forget-dialog.js';
import { LineForm } from '../parts/line-form.js';
import { Empty, Problem, Shown } from '../parts/shown.js';
import { asApiError, useLoaded } from '../state.js';
import { texts } from '../texts.js';
import { noteChange, takeBack, useLatestChange } from '../undo.js';

interface KnowledgeAnswer {
  readonly user_facts: readonly Fact[];
  readonly assistant_facts: readonly Fact[];
}

const t = texts.knowledge;
/** The server's maximum. */
const factLengthMax = 400;

export function Knowledge() {
  const loaded = useLoaded<KnowledgeAnswer>('/knowledge');
  const [filter, setFilter] = useState('');
  const undo = useLatestChange();
  const changes = useLoaded<{ changes: readonly LoggedChange[] }>('/log').answer?.changes ?? [];
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
      noteChange({ said: `${t.changed} ${now.knowledge}`, method: 'PATCH', path, body: back });
      setProblem(null);
      return true;
    } catch (error) {
      setProblem(asApiError(error).message);
      return false;
    } finally {
      loaded.reload();
    }
  };
  const undoLatest = async () => {
    await takeBack().then(
      () => setProblem(null),
      (error: unknown) => setProblem(asApiError(error).message),
    );
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
              <p class="notice" dir="auto">
                {undo.said}{' '}
                <button type="button" onClick={() => void undoLatest()}>
                  {t.undo}
                </button>
              </p>
            )}
          </div>
          {about.length + done.length === 0 && <Empty>{t.empty}</Empty>}
          <Facts
            heading={t.aboutUser}
            facts={about}
            changes={changes}
            filter={filter}
            change={change}
            forget={setForgetting}
          />
          <Facts
            heading={t.aboutAssistant}
            facts={done}
            changes={changes}
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

/**
 * `seen`: the text of the fact when editing began; it may have changed since. Resolves with whether the
 * change was made.
 */
type Change = (fact: Fact, seen: string, to: { knowledge?: string; pinned?: boolean }) => Promise<boolean>;

interface FactsProps {
  readonly heading: string;
  readonly facts: readonly Fact[];
  readonly changes: readonly LoggedChange[];
  readonly filter: string;
  readonly change: Change;
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

/** An earlier text of a fact, and what ended it. */
interface Former {
  readonly key: string;
  readonly knowledge: string;
  readonly ended: string;
}

/** Facts that this fact superseded, and corrections by hand, latest first. */
function historyOf(fact: Fact, past: readonly Fact[], changes: readonly LoggedChange[]): readonly Former[] {
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

function FactCard({
  fact,
  history,
  change,
  forget,
}: { fact: Fact; history: readonly Former[] } & Pick<FactsProps, 'change' | 'forget'>) {
  const [text, setText] = useState<string | null>(null);
  const [seen, setSeen] = useState<string | null>(null);
  const pinned = fact.pinned === true;
  const submit = () => {
    if (text === null) return;
    void change(fact, seen ?? fact.knowledge, { knowledge: text }).then((isDone) => {
      // The input stays until it is stored. After a refusal, the user has been shown the fact's present text.
      if (isDone) setText(null);
      else setSeen(null);
    });
  };
  return (
    <li class="card">
      {text === null ? (
        <p class="fact" dir="auto">
          {fact.knowledge} {pinned && <span class="tag">{t.pinned}</span>}
        </p>
      ) : (
        <LineForm
          label={t.correct}
          value={text}
          maxLength={factLengthMax}
          change={setText}
          submit={submit}
          cancel={() => setText(null)}
        />
      )}
      {fact.quote !== null && !fact.knowledge.includes(fact.quote) && (
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
              <li key={former.key} dir="auto">
                <del>{former.knowledge}</del> <span class="quiet">{former.ended}</span>
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
