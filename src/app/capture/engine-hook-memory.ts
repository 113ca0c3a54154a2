import type { FittingQuestion, HookMemory, OpeningQuestion, Told } from '../../capture/hooks/hook-memory.js';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import type { Exchange } from '../../model/exchange.js';
import { isQuotation } from '../../model/knowledge.js';
import { originKey } from '../../model/page.js';
import { fittingText, openingText } from './hook-texts.js';
import { openingPagesMax, pagesMax, sessionOf, unaskedRelevanceMin } from './unasked.js';

/** Implements the hooks' memory with an engine, which the first call opens. */
export class EngineHookMemory implements HookMemory {
  readonly #engine: () => Promise<MemoryEngine>;

  constructor(engine: () => Promise<MemoryEngine>) {
    this.#engine = engine;
  }

  async opening({ project, tokensMax }: OpeningQuestion): Promise<Told> {
    const engine = await this.#engine();
    const { traits, userFacts } = await engine.longTerm();
    const pages =
      project === null ? [] : (await engine.timeline({ project, limit: openingPagesMax })).exchanges;
    return openingText({ traits, userFacts, project, pages, tokensMax });
  }

  async fitting({ prompt, project, session, shown, tokensMax }: FittingQuestion): Promise<Told> {
    const engine = await this.#engine();
    const result = await engine.retrieve({
      query: prompt,
      project: project ?? undefined,
      maxResults: pagesMax,
      shortTerm: false,
      relevanceMin: unaskedRelevanceMin,
    });
    const pages = result.retrieved_pages
      .filter((page) => !shown.has(page.page_id) && sessionOf(page) !== session)
      .map((page) => ({ ...page, id: page.page_id }));
    const facts = result.retrieved_user_knowledge
      .filter((fact) => fact.current && !isQuotation(fact) && !shown.has(fact.fact_id))
      .map((fact) => ({ ...fact, id: fact.fact_id }));
    return fittingText(facts, pages, tokensMax);
  }

  async store(exchanges: readonly Exchange[]): Promise<void> {
    if (exchanges.length === 0) return;
    const engine = await this.#engine();
    await engine.addAll(
      exchanges.map(({ key, userInput, agentResponse, timestamp, project, origin }) => ({
        key,
        userInput,
        agentResponse,
        timestamp,
        project: project ?? undefined,
        metaData: { [originKey]: origin },
      })),
    );
  }
}
