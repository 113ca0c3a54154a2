import { z } from 'zod';

/**
 * Statements of people and the facts they must give. `say`: a message and a pattern of the fact. `change`: messages on
 * successive days, a pattern that a current fact matches, one that none matches. `trap`: nothing may be derived.
 * `others`: a message and a pattern no fact may match, because it is somebody else's. `negations`: a message and a
 * pattern no fact may match, because the negation would be lost.
 */
export const statementsSchema = z.object({
  say: z.array(z.tuple([z.string(), z.string()])),
  change: z.array(z.tuple([z.array(z.string()), z.string(), z.string()])),
  trap: z.array(z.string()),
  others: z.array(z.tuple([z.string(), z.string()])).default([]),
  negations: z.array(z.tuple([z.string(), z.string()])).default([]),
});
export type Statements = z.infer<typeof statementsSchema>;

/**
 * A conversation with an assistant, and what a careful reader would keep of it. `exchanges`: what the user and the
 * assistant say, and when. `facts`: the number of the exchange, the words of the user that state it, and the fact.
 */
export const talkSchema = z.object({
  who: z.string(),
  exchanges: z.array(z.tuple([z.string(), z.string(), z.string()])),
  facts: z.array(z.tuple([z.number(), z.string(), z.string()])),
});
