import { useState } from 'preact/hooks';
import type { RetrievedFact, RetrievedPage, RetrieveResult } from '../../api/types.js';
import { call } from '../api.js';
import { ExchangeCard } from '../parts/exchange.js';
import { Empty } from '../parts/shown.js';
import { asApiError } from '../state.js';
import { plural, texts } from '../texts.js';

interface Answer {
  readonly result: RetrieveResult;
  readonly milliseconds: number;
}

const t = texts.ask;
/** Approximate characters per token. */
const perToken = 4;

export function Ask() {
  const [query, setQuery] = useState('');
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    call<Answer>('POST', '/ask', { query }).then(
      (found) => {
        setAnswer(found);
        setProblem(null);
      },
      (error: unknown) => setProblem(asApiError(error).message),
    );
  };
  return (
    <>
      <form class="line" onSubmit={submit}>
        <label class="grow">
          <span class="unseen">{t.label}</span>
          <input
            type="search"
            dir="auto"
            required
            placeholder={t.placeholder}
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="main">
          {t.submit}
        </button>
      </form>
      <div aria-live="polite">
        {problem !== null && <p class="notice">{problem}</p>}
        {answer !== null && <Found {...answer} />}
      </div>
    </>
  );
}

function Found({ result, milliseconds }: Answer) {
  const facts = [...result.retrieved_user_knowledge, ...result.retrieved_assistant_knowledge];
  const pages = result.retrieved_pages;
  const floor = result.relevance_floor ?? 0;
  const tokens = Math.round(JSON.stringify(result).length / perToken);
  return (
    <>
      <p class="quiet">
        {t.took} {milliseconds} ms, {tokens.toLocaleString()} {t.tokens}
        {floor > 0 && (
          <>
            . {t.floor} {floor.toFixed(2)}: {t.floorAbout}
          </>
        )}
      </p>
      {facts.length + pages.length === 0 && <Empty>{t.nothing}</Empty>}
      {facts.length > 0 && (
        <section>
          <h2>{t.facts}</h2>
          <ul class="facts">
            {facts.map((fact) => (
              <FoundFact key={fact.fact_id} fact={fact} floor={floor} />
            ))}
          </ul>
        </section>
      )}
      {pages.length > 0 && (
        <section>
          <h2>{t.exchanges}</h2>
          {pages.map((page) => (
            <FoundPage key={page.page_id} page={page} floor={floor} />
          ))}
        </section>
      )}
      {result.short_term_memory.length > 0 && (
        <section>
          <h2>{t.recent}</h2>
          <p class="quiet">{t.recentAbout}</p>
          <details>
            <summary>{plural(result.short_term_memory.length, 'exchange')}</summary>
            {result.short_term_memory.map((page) => (
              <ExchangeCard key={page.page_id} said={page} />
            ))}
          </details>
        </section>
      )}
    </>
  );
}

function FoundFact({ fact, floor }: { fact: RetrievedFact; floor: number }) {
  return (
    <li class={fact.current ? '' : 'past'}>
      <span>
        <span dir="auto">{fact.knowledge}</span> {fact.project && <span class="tag">{fact.project}</span>}{' '}
        {fact.pinned === true && <span class="tag">{texts.knowledge.pinned}</span>}
      </span>
      <Relevance score={fact.score} floor={floor} />
    </li>
  );
}

function FoundPage({ page, floor }: { page: RetrievedPage; floor: number }) {
  // Signals of the question are equal for all pages; they show how well the question can be answered.
  const signals = Object.entries(page.signals ?? {}).filter(
    ([name, value]) => value > 0 && !name.startsWith('question_'),
  );
  return (
    <ExchangeCard said={page}>
      <Relevance score={page.score} floor={floor} />
      {signals.length > 0 && (
        <details>
          <summary>{t.why}</summary>
          <ul class="bars">
            {signals.map(([name, value]) => (
              <li key={name}>
                <span>{name}</span>
                <meter
                  min={0}
                  max={1}
                  value={Math.min(1, value)}
                  aria-label={`${name} ${value.toFixed(2)}`}
                />
                <span>{value.toFixed(2)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </ExchangeCard>
  );
}

function Relevance({ score, floor }: { score: number; floor: number }) {
  return (
    <span class="relevance">
      {t.relevance}{' '}
      <span class="scale">
        <meter min={0} max={1} value={score} aria-label={`${t.relevance} ${score.toFixed(2)}`} />
        {floor > 0 && <i class="floor" style={{ insetInlineStart: `${floor * 100}%` }} />}
      </span>{' '}
      {score.toFixed(2)}
    </span>
  );
}
