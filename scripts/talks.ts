import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';

const folder = new URL('talks/', import.meta.url);

/**
 * The conversations of one author, between two people or between a person and an assistant (`b`). `worth` and `trivial`
 * are statements of the people in them, as the analyser cuts them out, that another person judged.
 */
const talksSchema = z.object({
  withAssistant: z.boolean(),
  talks: z.array(z.object({ messages: z.array(z.tuple([z.enum(['a', 'b']), z.string()])) })),
  worth: z.array(z.string()),
  trivial: z.array(z.string()),
});
export type Talks = z.infer<typeof talksSchema>;

/** The files in the order of their names, one for each author. */
export function readTalks(): Talks[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => talksSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))));
}
