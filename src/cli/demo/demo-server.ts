import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import * as z from 'zod';
import { packageFile } from '../../lib/io/package-files.js';
import { MemoryError } from '../../model/errors.js';
import { factSchema } from '../../model/knowledge.js';
import { pageSchema } from '../../model/page.js';
import { traitSchema } from '../../model/profile.js';
import {
  type AddResult,
  addResultSchema,
  type RetrieveResult,
  retrieveResultSchema,
  type SegmentSummary,
  type StatsResult,
  segmentSummarySchema,
  statsResultSchema,
} from '../../model/results.js';
import { version } from '../package-info.js';

const segmentDetailSchema = segmentSummarySchema.extend({ page_list: z.array(pageSchema) });
export type DemoSegment = z.infer<typeof segmentDetailSchema>;

/** Tools leave out `notices` when there are none. */
const retrievedSchema = retrieveResultSchema.extend({ notices: z.array(z.string()).default([]) });

const profileSchema = z.object({
  traits: z.array(traitSchema),
  user_knowledge: z.array(factSchema),
  assistant_knowledge: z.array(factSchema),
});
export type DemoProfile = z.infer<typeof profileSchema>;

const toolResultSchema = z.object({
  isError: z.boolean().optional(),
  structuredContent: z.unknown().optional(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).optional(),
});

/** A server started as a child process, and the requests that the demo makes over stdio. */
export interface DemoServer {
  add(exchange: { user_input: string; agent_response: string; timestamp: string }): Promise<AddResult>;
  retrieve(query: string): Promise<RetrieveResult>;
  stats(): Promise<StatsResult>;
  segments(): Promise<SegmentSummary[]>;
  segment(id: string): Promise<DemoSegment>;
  profile(): Promise<DemoProfile>;
  /** Waits until no analysis is pending. `visits`: also waits for analysis caused by retrievals. */
  settled(visits?: 'visits'): Promise<void>;
  close(): Promise<void>;
}

const stderrCharactersMax = 4_000;
const settledPollMs = 100;
/** After this time, visits are saved and their effect on heat is known. */
const visitsSavedMs = 2_000;
const settledTimeoutMs = 120_000;

/**
 * Starts the built server on a folder, without the user's configuration and without keys, and connects a
 * client. Throws STORE_IO when it does not start.
 */
export async function startDemoServer(
  dataDir: string,
  userId: string,
  signal: AbortSignal,
): Promise<DemoServer> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'memoryos-demo-cwd-'));
  // An empty configuration, so that the user's own is not read.
  const config = path.join(cwd, 'config.json');
  await writeFile(config, '{}');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      packageFile('dist/cli/main.js'),
      ...['--config', config, '--data', dataDir, '--user', userId, '--log-level', 'warning'],
    ],
    cwd,
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (chunk: unknown) => {
    said = `${said}${String(chunk)}`.slice(-stderrCharactersMax);
  });
  const client = new Client({ name: 'memoryos-mcp-demo', version });
  const close = async (): Promise<void> => {
    await client.close();
    await rm(cwd, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await client.connect(transport, { signal });
  } catch (cause) {
    await close();
    throw failed('The server did not start', said, cause);
  }
  return { ...operations(client, signal, () => said), close };
}

function operations(client: Client, signal: AbortSignal, said: () => string): Omit<DemoServer, 'close'> {
  async function call<T>(name: string, args: Record<string, unknown>, schema: z.ZodType<T>): Promise<T> {
    const answer: unknown = await client.callTool({ name, arguments: args }, { signal });
    const result = toolResultSchema.parse(answer);
    if (result.isError === true) throw failed(`${name}: ${result.content?.[0]?.text ?? ''}`, said());
    return schema.parse(result.structuredContent);
  }
  async function read<T>(uri: string, schema: z.ZodType<T>): Promise<T> {
    const { contents } = await client.readResource({ uri }, { signal });
    const content = contents[0];
    if (content === undefined || !('text' in content)) throw failed(`${uri} is empty`, said());
    return schema.parse(JSON.parse(String(content.text)));
  }
  let visitedAtMs = 0;
  const stats = () => read('memoryos://status', statsResultSchema);
  return {
    add: (exchange) => call('add_memory', exchange, addResultSchema),
    retrieve(query) {
      visitedAtMs = Date.now();
      return call('retrieve_memory', { query, explain: true, max_tokens: 20_000 }, retrievedSchema);
    },
    stats,
    segments: async () =>
      (await read('memoryos://segments', z.object({ segments: z.array(segmentSummarySchema) }))).segments,
    segment: (id) => read(`memoryos://segments/${id}`, segmentDetailSchema),
    profile: () => read('memoryos://profile', profileSchema),
    async settled(visits) {
      const untilMs = Date.now() + settledTimeoutMs;
      const earliestMs = visits === undefined ? 0 : visitedAtMs + visitsSavedMs;
      for (;;) {
        const { analysis } = await stats();
        const waits = analysis.pages_waiting > 0 || analysis.segments_waiting > 0;
        if (!waits && Date.now() >= earliestMs) return;
        if (Date.now() > untilMs) {
          throw failed(
            `${analysis.pages_waiting} pages and ${analysis.segments_waiting} segments still wait for analysis after ${settledTimeoutMs / 1000} s (last error: ${analysis.last_error ?? 'none'})`,
            said(),
          );
        }
        await pause(settledPollMs, undefined, { signal });
      }
    },
  };
}

function failed(what: string, said: string, cause?: unknown): MemoryError {
  const detail = said.trim() === '' ? '' : `\nThe server said:\n${said.trim()}`;
  return new MemoryError('STORE_IO', `${what.replace(/[.\s]+$/, '')}. Run "memoryos-mcp doctor".${detail}`, {
    cause,
  });
}
