import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { loadEnglishReader } from '../../src/analysis/builtin/english.js';
import { faultOfFact } from '../../src/analysis/checks/check-fact.js';
import type { OfferedFact } from '../../src/ports/analyser.js';

const offerSchema = z.strictObject({
  kind: z.string().optional(),
  said: z.string(),
  assistant: z.string().optional(),
  about: z.enum(['user', 'assistant']).optional(),
  fact: z.string(),
  quote: z.string().optional(),
});
type Offer = z.infer<typeof offerSchema>;

const list = z
  .strictObject({ about: z.string(), lies: z.array(offerSchema), honest: z.array(offerSchema) })
  .parse(JSON.parse(readFileSync(new URL('./offered-facts.json', import.meta.url), 'utf8')));

/** Numbers of refused lies and accepted honest facts, and the cases that the checks got wrong. */
export async function checkOffers() {
  const reader = await loadEnglishReader();
  const judged = (offers: readonly Offer[]) =>
    offers.map((offer) => ({ offer, fault: faultOfFact(offeredBy(offer), reader) }));
  return { lies: judged(list.lies), honest: judged(list.honest) };
}

function offeredBy({ said, assistant, about, fact, quote }: Offer): OfferedFact {
  const page = {
    user_input: said,
    agent_response: assistant ?? 'I see.',
    timestamp: '2026-03-01T10:00:00.000Z',
  };
  return { about: about ?? 'user', fact, quote: quote ?? said, page };
}
