import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { plural, texts } from '../texts.js';
import { connect, type Host, type ToolResult } from './host.js';
import './view.css';

interface Fact {
  readonly fact_id: string;
  readonly knowledge: string;
  readonly timestamp: string;
  readonly current?: false;
  readonly pinned?: true;
}

interface Page {
  readonly page_id: string;
  readonly user_input: string;
  readonly agent_response: string;
  readonly timestamp: string;
}

/** The parts of `get_user_profile` and `retrieve_memory` results that are shown. */
interface Answer {
  readonly user_profile?: string;
  readonly user_knowledge?: readonly Fact[];
  readonly assistant_knowledge?: readonly Fact[];
  readonly retrieved_user_knowledge?: readonly Fact[];
  readonly retrieved_assistant_knowledge?: readonly Fact[];
  readonly retrieved_pages?: readonly Page[];
}

const t = texts.chat;

function View({ host, answer }: { host: Host; answer: Answer }) {
  const facts = [
    ...(answer.user_knowledge ?? answer.retrieved_user_knowledge ?? []),
    ...(answer.assistant_knowledge ?? answer.retrieved_assistant_knowledge ?? []),
  ].filter(({ current }) => current !== false);
  const pages = answer.retrieved_pages ?? [];
  return (
    <main>
      <h1>{texts.title}</h1>
      {answer.retrieved_pages === undefined && answer.user_profile !== undefined && (
        <p class="profile" dir="auto">
          {answer.user_profile}
        </p>
      )}
      {facts.length + pages.length === 0 && <p class="quiet">{t.nothing}</p>}
      <ul>
        {facts.map((fact) => (
          <FactRow key={fact.fact_id} fact={fact} host={host} />
        ))}
      </ul>
      {pages.length > 0 && (
        <details>
          <summary>{plural(pages.length, 'exchange')}</summary>
          {pages.map((page) => (
            <article key={page.page_id}>
              <time dateTime={page.timestamp}>{page.timestamp.slice(0, 10)}</time>
              <p dir="auto">{page.user_input}</p>
              <p class="quiet" dir="auto">
                {page.agent_response}
              </p>
            </article>
          ))}
        </details>
      )}
    </main>
  );
}

function FactRow({ fact, host }: { fact: Fact; host: Host }) {
  const [knowledge, setKnowledge] = useState(fact.knowledge);
  const [pinned, setPinned] = useState(fact.pinned === true);
  const [text, setText] = useState<string | null>(null);
  const [asking, setAsking] = useState<readonly string[] | null>(null);
  const [gone, setGone] = useState(false);
  const [said, setSaid] = useState('');
  const run = (work: () => Promise<string>) => {
    work().then(setSaid, (error: unknown) => setSaid(error instanceof Error ? error.message : String(error)));
  };
  const tell = (what: string) => (host.canTell ? host.tellModel(what) : undefined);
  const confirm = () =>
    run(async () => {
      await host.tellModel(`The user confirmed in the memory view that this is right: "${knowledge}"`);
      return t.confirmed;
    });
  const correct = () => {
    if (text === null || text.trim() === '') return;
    run(async () => {
      const { structuredContent } = await host.callTool('update_memory', {
        fact_id: fact.fact_id,
        fact: text,
      });
      const now = (structuredContent?.fact as Fact | undefined)?.knowledge ?? text;
      setKnowledge(now);
      setText(null);
      await tell(`The user corrected a fact in the memory view. Before: "${knowledge}". Now: "${now}"`);
      return t.corrected;
    });
  };
  const pin = () =>
    run(async () => {
      await host.callTool('update_memory', { fact_id: fact.fact_id, pinned: !pinned });
      setPinned(!pinned);
      return pinned ? t.unpinned : texts.knowledge.pinned;
    });
  const ask = () =>
    run(async () => {
      const { structuredContent } = await host.callTool('forget_memory', { fact_ids: [fact.fact_id] });
      const facts = (structuredContent?.facts ?? []) as readonly Fact[];
      setAsking(facts.map((one) => one.knowledge));
      return '';
    });
  const forget = () =>
    run(async () => {
      await host.callTool('forget_memory', { fact_ids: [fact.fact_id], confirm: true });
      setGone(true);
      await tell('The user deleted a fact in the memory view. Do not use it any more.');
      return t.forgotten;
    });
  return (
    <li>
      {gone ? null : text === null ? (
        <p dir="auto">
          {knowledge} {pinned && <span class="tag">{texts.knowledge.pinned}</span>}
        </p>
      ) : (
        // Not a form, because a host's sandbox may forbid forms.
        <div class="editing">
          <input
            dir="auto"
            maxLength={400}
            aria-label={texts.knowledge.correct}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') correct();
            }}
          />
          <button type="button" onClick={correct}>
            {texts.save}
          </button>
          <button type="button" onClick={() => setText(null)}>
            {texts.cancel}
          </button>
        </div>
      )}
      {!gone && asking !== null && (
        <div class="asking" role="alertdialog" aria-label={texts.forget.heading}>
          <p>{texts.forget.about}</p>
          <ul>
            {asking.map((one) => (
              <li key={one} dir="auto">
                {one}
              </li>
            ))}
          </ul>
          <button type="button" onClick={forget}>
            {texts.forget.confirm}
          </button>
          <button type="button" onClick={() => setAsking(null)}>
            {texts.cancel}
          </button>
        </div>
      )}
      {!gone && asking === null && text === null && (
        <div class="actions">
          {host.canTell && (
            <button type="button" onClick={confirm}>
              {t.confirm}
            </button>
          )}
          {host.canCall && (
            <>
              <button type="button" onClick={() => setText(knowledge)}>
                {texts.knowledge.correct}
              </button>
              <button type="button" onClick={pin}>
                {pinned ? texts.knowledge.unpin : texts.knowledge.pin}
              </button>
              <button type="button" onClick={ask}>
                {texts.knowledge.forget}
              </button>
            </>
          )}
        </div>
      )}
      <p class="quiet" role="status" dir="auto">
        {said}
      </p>
    </li>
  );
}

function App() {
  const [host, setHost] = useState<Host | null>(null);
  const [result, setResult] = useState<ToolResult | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    connect(setResult).then(setHost, (error: unknown) => setProblem(String(error)));
  }, []);
  if (host === null || result === null) return <p class="quiet">{problem || texts.loading}</p>;
  return <View host={host} answer={(result.structuredContent ?? {}) as Answer} />;
}

const place = document.getElementById('view');
if (place !== null) render(<App />, place);
