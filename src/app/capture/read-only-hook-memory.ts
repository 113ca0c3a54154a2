import path from 'node:path';
import { createFileStore } from '../../adapters/files/file-store.js';
import { isPythonMemory } from '../../adapters/python-memory/layout.js';
import type { FittingQuestion, HookMemory, OpeningQuestion, Told } from '../../capture/hooks/hook-memory.js';
import { MemoryError } from '../../model/errors.js';
import { type AssistantId, toAssistantId, toUserId, type UserId } from '../../model/ids.js';
import { isQuotation } from '../../model/knowledge.js';
import { type Page, projectOf } from '../../model/page.js';
import type { UserState } from '../../model/user-state.js';
import { searchByWords } from '../../retrieval/search-by-words.js';
import type { Config } from '../config/config.js';
import { zoneOf } from '../config/time-zone.js';
import { fittingText, openingText } from './hook-texts.js';
import { factsMax, openingPagesMax, pagesMax, sessionOf, unaskedRelevanceMin } from './unasked.js';

/**
 * The memory for a hook that found no running server: opened read-only and searched by words. It changes
 * nothing, loads no model and counts no visits, so it takes a fraction of the time an engine needs to open.
 */
export class ReadOnlyHookMemory implements Pick<HookMemory, 'opening' | 'fitting'> {
  readonly #config: Config;
  readonly #nowMs: number;
  readonly #userId: UserId;
  readonly #assistantId: AssistantId;

  constructor(config: Config, nowMs: number) {
    this.#config = config;
    this.#nowMs = nowMs;
    this.#userId = toUserId(config.user_id);
    this.#assistantId = toAssistantId(config.assistant_id);
  }

  async opening({ project, tokensMax }: OpeningQuestion): Promise<Told> {
    const state = await this.#state();
    if (state === null) return { text: '', ids: [] };
    const traits = [...state.profile.values()];
    const pages = project === null ? [] : latestOf(state, project);
    return openingText({ traits, userFacts: state.userKnowledge, project, pages, tokensMax });
  }

  async fitting({ prompt, project, session, shown, tokensMax }: FittingQuestion): Promise<Told> {
    const state = await this.#state();
    if (state === null) return { text: '', ids: [] };
    const found = searchByWords(
      { segments: state.segments.values(), shortTerm: state.shortTerm, userFacts: state.userKnowledge },
      {
        text: prompt.toWellFormed(),
        nowMs: this.#nowMs,
        timeZone: zoneOf(this.#config),
        userId: this.#userId,
        assistantId: this.#assistantId,
        project,
        pagesMax,
        factsMax,
        relevanceMin: unaskedRelevanceMin,
      },
    );
    const pages = found.pages.filter((page) => !shown.has(page.id) && sessionOf(page) !== session);
    const facts = found.userFacts
      .map(({ fact }) => fact)
      .filter((fact) => fact.superseded_by === null && !isQuotation(fact) && !shown.has(fact.id));
    return fittingText(facts, pages, tokensMax);
  }

  /**
   * Null when nothing was ever stored, or when a memory of the Python server has not been imported yet.
   * Throws STORE_….
   */
  async #state(): Promise<UserState | null> {
    const dataDir = this.#config.data_storage_path;
    if (await isPythonMemory(path.join(dataDir, 'users', this.#userId))) return null;
    try {
      return (await createFileStore({ dataDir, readOnly: true }).open(this.#userId)).state;
    } catch (error) {
      if (error instanceof MemoryError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }
}

/** Newest first. */
function latestOf(state: UserState, project: string): Page[] {
  const here: Page[] = [];
  const keep = (page: Page) => {
    if (projectOf(page) === project) here.push(page);
  };
  for (const { pages } of state.segments.values()) pages.forEach(keep);
  state.shortTerm.forEach(keep);
  return here.sort((a, b) => b.timestamp.localeCompare(a.timestamp, 'en')).slice(0, openingPagesMax);
}
