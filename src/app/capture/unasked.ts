import type { JsonObject } from '../../model/json.js';
import { originKey } from '../../model/page.js';

/** Maximum number of pages added to a prompt without a request. */
export const pagesMax = 6;
export const factsMax = 6;
export const openingPagesMax = 3;
/** Pages below this relevance are not added to a prompt, because most of them concern another subject. */
export const unaskedRelevanceMin = 0.12;

/** The session in which a hook stored a page. */
export function sessionOf({ meta_data }: { readonly meta_data?: JsonObject | undefined }): unknown {
  const origin = meta_data?.[originKey];
  return typeof origin === 'object' && origin !== null && !Array.isArray(origin) ? origin.session : undefined;
}
