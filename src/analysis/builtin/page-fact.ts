import type { When } from '../../lib/time/when.js';
import type { Page } from '../../model/page.js';

/** A fact about the assistant: a sentence in the third person, without its time. */
export interface PageFact {
  readonly text: string;
  /** The words of its subject, lower-cased. */
  readonly value: string;
  readonly when: When | null;
  /** The source words, exactly as in the answer. */
  readonly quote: string;
  readonly page: Page;
}
