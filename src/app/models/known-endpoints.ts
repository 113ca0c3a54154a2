import { join } from 'node:path';
import * as z from 'zod';
import { layoutOf } from '../../adapters/files/layout.js';
import { toEndpoint } from '../../adapters/openai/endpoint.js';
import { readWhole, writeAtomically } from '../../lib/io/file-access.js';
import { nodeFiles } from '../../lib/io/files.js';
import { messageOf } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Config } from '../config/config.js';
import { chatEndpoint, embeddingEndpoint, type ModelEndpoint } from './model-endpoint.js';

/** An endpoint that receives texts of a memory, and the purpose. */
interface Destination {
  /** Without query and credentials. */
  readonly url: string;
  readonly purpose: 'analysis' | 'embeddings';
  readonly model: string;
}

/** The endpoints to which this configuration sends texts. Throws CONFIG_INVALID for an unusable address. */
export function destinationsOf(config: Config): Destination[] {
  const to = (purpose: Destination['purpose'], endpoint: ModelEndpoint | null): Destination[] =>
    endpoint === null
      ? []
      : [{ url: toEndpoint(endpoint.baseUrl, endpoint.model).shown, purpose, model: endpoint.model }];
  return [...to('analysis', chatEndpoint(config)), ...to('embeddings', embeddingEndpoint(config))];
}

/** One sentence for the log. */
export function describeDestinations(destinations: readonly Destination[]): string {
  if (destinations.length === 0)
    return 'No model is configured: the built-in analyser reads English, and no text leaves this machine.';
  const each = destinations.map(({ url, purpose, model }) => `${url} for ${purpose} (model ${model})`);
  return `Texts are sent to ${each.join(', and to ')}.`;
}

const fileSchema = z.object({
  schema_version: z.literal(1),
  endpoints: z.array(z.object({ url: z.string(), first_used_at: z.string() })),
});
type KnownEndpoint = z.infer<typeof fileSchema>['endpoints'][number];

/**
 * Compares the endpoints of a configuration with those already used for the memory, and records new ones
 * beside the memory. Returns what a person must be told before texts are sent; nothing when the memory is
 * empty or knows all endpoints.
 */
export async function noteEndpoints(
  place: { readonly dataDir: string; readonly userId: UserId },
  config: Config,
  memory: { readonly isEmpty: boolean; readonly nowMs: number },
  report: Reporter,
): Promise<string[]> {
  const destinations = destinationsOf(config);
  if (destinations.length === 0) return [];
  const path = join(layoutOf(place.dataDir, place.userId).root, 'endpoints.json');
  const known = await readKnown(path);
  const added = destinations.filter(({ url }) => !known.some((one) => one.url === url));
  if (added.length === 0) return [];
  const first_used_at = new Date(memory.nowMs).toISOString();
  const urls = [...new Set(added.map(({ url }) => url))];
  const endpoints = [...known, ...urls.map((url) => ({ url, first_used_at }))];
  try {
    await writeAtomically(nodeFiles, path, `${JSON.stringify({ schema_version: 1, endpoints }, null, 2)}\n`);
  } catch (error) {
    report('warning', `${path} cannot be written, so its endpoints are named again: ${messageOf(error)}`);
  }
  if (memory.isEmpty) return [];
  return added.map(
    ({ url, purpose, model }) =>
      `New endpoint: the memory of ${place.userId} has not been used with ${url} before. Its texts are sent there from now on, for ${purpose} (model ${model}). If you do not want this, stop the server and correct the configuration.`,
  );
}

/** An unreadable record is treated as empty, so its endpoints are reported again. */
async function readKnown(path: string): Promise<readonly KnownEndpoint[]> {
  try {
    const data = await readWhole(nodeFiles, path);
    return data === null ? [] : fileSchema.parse(JSON.parse(data.toString('utf8'))).endpoints;
  } catch {
    return [];
  }
}
