import type { When } from '../../lib/time/when.js';
import type { Page } from '../../model/page.js';

/** What was found of the assistant: a sentence in the third person, without its time. */
export interface PageFact {
  readonly text: string;
  /** The words it is about, lower-cased. */
  readonly value: string;
  readonly when: When | null;
  /** The words it was taken from, as they stand in the answer. */
  readonly quote: string;
  readonly page: Page;
}
