import type { FactDraft } from '../../../ports/analyser.js';
import type { Told } from '../told.js';
import type { Said } from './pair-features.js';

/** A statement of the user that is stored, or stored under a condition. */
export interface Kept {
  readonly draft: FactDraft;
  readonly told: Told;
  /** The source words: one part of the page, or two that belong together. */
  readonly quotes: readonly string[];
  /** The statement is stored only if it ends a known fact. */
  readonly isOnlyChange: boolean;
  /** The sentence that it is a part of; null if it can end no fact. */
  readonly sentence: SaidSentence | null;
  /** It is a whole sentence, which is stored only if it ends a known fact and none of its parts can say so. */
  readonly isWhole: boolean;
}

/** A sentence that may end earlier facts. */
export interface SaidSentence {
  readonly said: () => Said;
  readonly isToPerson: boolean;
}
