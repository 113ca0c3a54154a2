import { z } from 'zod';

/**
 * What people say and what must be known afterwards. `say`: a message and a pattern of the fact. `change`: messages on
 * successive days, a pattern that a current fact matches, one that none matches. `trap`: nothing may be derived.
 */
export const statementsSchema = z.object({
  say: z.array(z.tuple([z.string(), z.string()])),
  change: z.array(z.tuple([z.array(z.string()), z.string(), z.string()])),
  trap: z.array(z.string()),
});
export type Statements = z.infer<typeof statementsSchema>;
