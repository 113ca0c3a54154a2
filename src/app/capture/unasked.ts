import type { JsonObject } from '../../model/json.js';
import { originKey } from '../../model/page.js';

/** What is shown to an agent that did not ask. */
export const pagesMax = 6;
export const factsMax = 6;
export const openingPagesMax = 3;
/** With a smaller chance to help, a page is not worth showing unasked: below lies mostly what is of another matter. */
export const unaskedRelevanceMin = 0.12;

/** The session a hook stored a page in. */
export function sessionOf({ meta_data }: { readonly meta_data?: JsonObject | undefined }): unknown {
  const origin = meta_data?.[originKey];
  return typeof origin === 'object' && origin !== null && !Array.isArray(origin) ? origin.session : undefined;
}
