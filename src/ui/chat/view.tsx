import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { plural, texts } from '../texts.js';
import { type Fact, FactRow } from './fact-row.js';
import { connect, type Host, type ToolResult } from './host.js';
import './view.css';

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
