import { useState } from 'preact/hooks';
import type { Exchange } from '../../api/types.js';
import { call } from '../api.js';
import { asApiError } from '../state.js';
import { texts } from '../texts.js';
import { ExchangeCard } from './exchange.js';

/** The source exchanges of a fact or trait, loaded on request. */
export function Evidence({ label, pageIds }: { label: string; pageIds: readonly string[] }) {
  const [found, setFound] = useState<readonly Exchange[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  if (pageIds.length === 0) return <p class="quiet">{texts.knowledge.noSource}</p>;
  const load = (event: { currentTarget: HTMLDetailsElement }) => {
    if (!event.currentTarget.open || found !== null) return;
    call<{ exchanges: readonly Exchange[] }>('POST', '/exchanges/lookup', {
      page_ids: pageIds.slice(0, 100),
    }).then(
      ({ exchanges }) => setFound(exchanges),
      (error: unknown) => setProblem(asApiError(error).message),
    );
  };
  return (
    <details onToggle={load}>
      <summary>{label}</summary>
      {problem !== null && <p class="notice">{problem}</p>}
      {found?.map((exchange) => (
        <ExchangeCard key={exchange.id} said={exchange} />
      ))}
    </details>
  );
}
