import * as z from 'zod';
import { loggedChangeSchema } from '../model/change-log.js';
import { MemoryError } from '../model/errors.js';
import { factIdSchema, factSchema } from '../model/knowledge.js';
import {
  instantSchema,
  pageIdSchema,
  pageSchema,
  projectCharactersMax,
  segmentIdSchema,
} from '../model/page.js';
import { traitSchema } from '../model/profile.js';
import {
  forgetResultSchema,
  retrieveResultSchema,
  segmentSummarySchema,
  statsResultSchema,
  updateResultSchema,
} from '../model/results.js';
import { defineRoute, type Route } from './route.js';

const hottestMax = 12;
const count = z.number().int().nonnegative();
const listLimit = z.coerce.number().int().min(1).max(500).optional();
const backupSchema = z.object({ name: z.string(), kind: z.string(), made_at: instantSchema });
const exchangeSchema = pageSchema.extend({ segment_id: segmentIdSchema.nullable() });

const session = defineRoute({
  method: 'get',
  path: '/session',
  summary: 'Who is signed in, and what this person may do.',
  scope: 'memory:read',
  input: z.strictObject({}),
  output: z.object({
    user_id: z.string(),
    scopes: z.array(z.string()),
    version: z.string(),
    local: z.boolean(),
  }),
  async run(_input, { caller, operations }) {
    return {
      user_id: caller.userId,
      scopes: [...caller.scopes],
      version: operations.version,
      local: caller.isLocal,
    };
  },
});

const overview = defineRoute({
  method: 'get',
  path: '/overview',
  summary:
    'Sizes of the three tiers, what waits for analysis, the hottest segments, and exchanges and facts for each day.',
  scope: 'memory:read',
  input: z.strictObject({}),
  output: z.object({
    stats: statsResultSchema,
    /** `heat_by_day`: the heat on each of `days`, computed from the exchanges only. */
    hottest: z.array(segmentSummarySchema.extend({ heat_by_day: z.array(z.number()) })),
    days: z.array(z.object({ day: z.string(), exchanges: count, facts: count })),
  }),
  async run(_input, { memory }) {
    const [stats, segments, days] = await Promise.all([memory.stats(), memory.segments(), memory.days()]);
    const hottest = segments.slice(0, hottestMax);
    const heat = await memory.heatByDay(
      hottest.map(({ segment_id }) => segment_id),
      days.map(({ day }) => day),
    );
    return {
      stats,
      hottest: hottest.map((one) => ({ ...one, heat_by_day: [...(heat.get(one.segment_id) ?? [])] })),
      days: [...days],
    };
  },
});

const health = defineRoute({
  method: 'get',
  path: '/health',
  summary:
    'Problems found by the latest check of the stored memory, as sentences. Empty when there are none.',
  scope: 'memory:read',
  input: z.strictObject({}),
  output: z.object({ problems: z.array(z.string()) }),
  run: async (_input, { caller, operations }) => ({
    problems: [...(await operations.problems(caller.userId))],
  }),
});

const ask = defineRoute({
  method: 'post',
  path: '/ask',
  summary: 'What an agent would receive for this question, and why.',
  scope: 'memory:read',
  input: z.strictObject({ query: z.string(), max_results: z.number().int().min(1).max(100).optional() }),
  output: z.object({ result: retrieveResultSchema, milliseconds: z.number() }),
  async run(input, { memory, signal }) {
    const startedAt = performance.now();
    const result = await memory.retrieve({
      query: input.query,
      maxResults: input.max_results,
      explain: true,
      signal,
    });
    return { result, milliseconds: Math.round((performance.now() - startedAt) * 10) / 10 };
  },
});

const timeline = defineRoute({
  method: 'get',
  path: '/exchanges',
  summary: 'Exchanges of all tiers, newest first.',
  scope: 'memory:read',
  input: z.strictObject({
    text: z.string().max(1000).optional(),
    /** Searches only what this side said, and lists only exchanges in which it said something. */
    side: z.enum(['user', 'agent']).optional(),
    project: z.string().max(projectCharactersMax).optional(),
    since: z.string().optional(),
    until: z.string().optional(),
    segment_id: segmentIdSchema.optional(),
    after: pageIdSchema.optional(),
    limit: listLimit,
  }),
  output: z.object({ exchanges: z.array(exchangeSchema), total: count, next: pageIdSchema.nullable() }),
  async run(input, { memory }) {
    const { exchanges, total, next } = await memory.timeline({
      text: input.text,
      side: input.side,
      project: input.project,
      since: input.since,
      until: input.until,
      segmentId: input.segment_id,
      after: input.after,
      limit: input.limit,
    });
    return { exchanges: [...exchanges], total, next };
  },
});

/** Heat falls with time, so all parts of a list use the time of its first part. */
const segmentCursor = z
  .string()
  .regex(/^[\dT:.Z-]+_[\w-]+$/, 'not a cursor from an earlier answer')
  .transform((cursor) => {
    const [at = '', id = ''] = cursor.split(/_(.*)/s, 2);
    return { atMs: Date.parse(at), id };
  })
  .refine(({ atMs }) => !Number.isNaN(atMs), 'not a cursor from an earlier answer');

const segments = defineRoute({
  method: 'get',
  path: '/segments',
  summary: 'The segments of mid-term memory, hottest first.',
  scope: 'memory:read',
  input: z.strictObject({
    /** Text in theme, summary or keywords, ignoring case. */
    text: z.string().max(1000).optional(),
    after: segmentCursor.optional(),
    limit: listLimit,
  }),
  output: z.object({ segments: z.array(segmentSummarySchema), total: count, next: z.string().nullable() }),
  async run({ text, after, limit = 50 }, { memory }) {
    const atMs = after?.atMs ?? Date.now();
    const all = await memory.segments(atMs);
    const wanted = text?.trim().toLowerCase() ?? '';
    const fitting =
      wanted === ''
        ? all
        : all.filter(({ theme, summary, keywords }) =>
            [theme, summary, ...keywords].some((words) => words.toLowerCase().includes(wanted)),
          );
    const start = after === undefined ? 0 : fitting.findIndex((one) => one.segment_id === after.id) + 1;
    if (after !== undefined && start === 0) {
      throw new MemoryError(
        'NOT_FOUND',
        `The segment ${after.id} is no longer in this list. Load the list again.`,
      );
    }
    const listed = fitting.slice(start, start + limit);
    const last = start + limit < fitting.length ? listed.at(-1) : undefined;
    return {
      segments: listed,
      total: fitting.length,
      next: last === undefined ? null : `${new Date(atMs).toISOString()}_${last.segment_id}`,
    };
  },
});

const renameSegment = defineRoute({
  method: 'patch',
  path: '/segments/{segment_id}',
  summary: 'Changes the theme of a segment.',
  scope: 'memory:write',
  input: z.strictObject({ segment_id: segmentIdSchema, theme: z.string() }),
  output: segmentSummarySchema,
  run: (input, { memory }) => memory.renameSegment(input.segment_id, input.theme, 'ui'),
});

const mergeSegments = defineRoute({
  method: 'post',
  path: '/segments/{segment_id}/merge',
  summary: 'Moves the exchanges of other segments into this one, which keeps its theme.',
  scope: 'memory:write',
  input: z.strictObject({ segment_id: segmentIdSchema, from: z.array(segmentIdSchema).min(1).max(64) }),
  output: segmentSummarySchema,
  run: (input, { memory }) => memory.mergeSegments(input.segment_id, input.from, 'ui'),
});

const splitSegment = defineRoute({
  method: 'post',
  path: '/segments/{segment_id}/split',
  summary: 'Moves some exchanges of a segment into a new segment. Without a theme, it is named from them.',
  scope: 'memory:write',
  input: z.strictObject({
    segment_id: segmentIdSchema,
    page_ids: z.array(pageIdSchema).min(1).max(1000),
    theme: z.string().optional(),
  }),
  output: segmentSummarySchema,
  run: ({ segment_id, page_ids: pageIds, theme }, { memory }) =>
    memory.splitSegment(segment_id, { pageIds, theme, by: 'ui' }),
});

const knowledge = defineRoute({
  method: 'get',
  path: '/knowledge',
  summary: 'Traits, and all facts with their history.',
  scope: 'memory:read',
  input: z.strictObject({}),
  output: z.object({
    traits: z.array(traitSchema),
    user_facts: z.array(factSchema),
    assistant_facts: z.array(factSchema),
  }),
  async run(_input, { memory }) {
    const { traits, userFacts, assistantFacts } = await memory.longTerm();
    return { traits: [...traits], user_facts: [...userFacts], assistant_facts: [...assistantFacts] };
  },
});

const pages = defineRoute({
  method: 'post',
  path: '/exchanges/lookup',
  summary: 'Exchanges by id, such as the sources of a fact or a trait.',
  scope: 'memory:read',
  input: z.strictObject({ page_ids: z.array(pageIdSchema).min(1).max(100) }),
  output: z.object({ exchanges: z.array(exchangeSchema) }),
  run: async (input, { memory }) => ({ exchanges: [...(await memory.exchangesOf(input.page_ids))] }),
});

const addFact = defineRoute({
  method: 'post',
  path: '/facts',
  summary: 'Adds a fact by hand.',
  scope: 'memory:write',
  input: z.strictObject({
    knowledge: z.string(),
    about: z.enum(['user', 'assistant']).optional(),
    timestamp: z.string().optional(),
    pinned: z.boolean().optional(),
  }),
  output: updateResultSchema,
  run: (input, { memory }) => memory.update({ ...input, by: 'ui' }),
});

const changeFact = defineRoute({
  method: 'patch',
  path: '/facts/{fact_id}',
  summary: 'Corrects a fact, or pins it.',
  scope: 'memory:write',
  input: z.strictObject({
    fact_id: factIdSchema,
    knowledge: z.string().optional(),
    pinned: z.boolean().optional(),
    /** The text that the caller saw. If the fact has another text now, nothing is changed. */
    seen: z.string().optional(),
  }),
  output: updateResultSchema,
  run: ({ fact_id: factId, ...change }, { memory }) => memory.update({ factId, ...change, by: 'ui' }),
});

const forget = defineRoute({
  method: 'post',
  path: '/forget',
  summary: 'Permanently forgets exchanges or facts. Without confirm, it only lists what would be deleted.',
  scope: 'memory:write',
  input: z.strictObject({
    page_ids: z.array(pageIdSchema).min(1).max(1000).optional(),
    fact_ids: z.array(factIdSchema).min(1).max(1000).optional(),
    before: z.string().optional(),
    confirm: z.boolean().default(false),
  }),
  output: forgetResultSchema,
  run: (input, { memory }) =>
    memory.forget({
      pageIds: input.page_ids,
      factIds: input.fact_ids,
      before: input.before,
      confirm: input.confirm,
      by: 'ui',
    }),
});

const log = defineRoute({
  method: 'get',
  path: '/log',
  summary: 'What was changed by hand, newest first.',
  scope: 'memory:read',
  input: z.strictObject({}),
  output: z.object({ changes: z.array(loggedChangeSchema) }),
  run: async (_input, { memory }) => ({ changes: [...(await memory.log())] }),
});

const settings = defineRoute({
  method: 'get',
  path: '/settings',
  summary: 'The configuration without secrets, and the list of backups.',
  scope: 'memory:read',
  input: z.strictObject({}),
  output: z.object({ config: z.record(z.string(), z.unknown()), backups: z.array(backupSchema) }),
  async run(_input, { caller, operations }) {
    return {
      config: { ...operations.settings(caller.userId, caller.isLocal) },
      backups: [...(await operations.backups(caller.userId))],
    };
  },
});

const backUp = defineRoute({
  method: 'post',
  path: '/backups',
  summary: 'Makes a backup of this memory.',
  scope: 'memory:write',
  input: z.strictObject({}),
  output: backupSchema,
  run: (_input, { caller, operations }) => operations.backUp(caller.userId),
});

const restore = defineRoute({
  method: 'post',
  path: '/backups/{name}/restore',
  summary: 'Replaces the memory with a backup, after making a backup of the present memory.',
  scope: 'memory:write',
  input: z.strictObject({ name: z.string().regex(/^[\w.@%~+-]+$/, 'not the name of a backup') }),
  output: z.object({ pages: count, facts: count }),
  run: ({ name }, { caller, operations }) => operations.restore(caller.userId, name),
});

/**
 * All operations of the API except sign-in, the stream of changes, export and import, which are not JSON
 * calls.
 */
export const routes: readonly Route[] = [
  session,
  overview,
  health,
  ask,
  timeline,
  pages,
  segments,
  renameSegment,
  mergeSegments,
  splitSegment,
  knowledge,
  addFact,
  changeFact,
  forget,
  log,
  settings,
  backUp,
  restore,
];
