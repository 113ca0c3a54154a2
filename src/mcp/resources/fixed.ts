import type { Resource } from '@modelcontextprotocol/server';
import type { McpSession } from '../session.js';
import { configUri, profileUri, segmentsUri, statusUri } from './uris.js';

/** Maximum in the resource of segments. `resources/list` lists all of them, page by page. */
const segmentsShownMax = 100;

interface FixedResource extends Resource {
  read(session: McpSession): Promise<object>;
}

const json = 'application/json';

/** The resources that always exist. */
export const fixedResources: readonly FixedResource[] = [
  {
    uri: statusUri,
    name: 'status',
    title: 'Status of the memory',
    description: 'How full the tiers are, what waits for analysis, the last error, the index.',
    mimeType: json,
    async read({ engine, version }) {
      return { version, ...(await (await engine()).stats()) };
    },
  },
  {
    uri: configUri,
    name: 'config',
    title: 'Configuration',
    description: 'The configuration of the server. Keys and tokens are shown only as set or not set.',
    mimeType: json,
    async read({ shownConfig }) {
      return shownConfig;
    },
  },
  {
    uri: profileUri,
    name: 'profile',
    title: 'User profile',
    description: 'Traits with level, reason and source pages, and all facts, including superseded ones.',
    mimeType: json,
    async read({ engine }) {
      const memory = await engine();
      const [{ user_profile, analyser, timestamp }, known] = await Promise.all([
        memory.profile({ includeKnowledge: false }),
        memory.longTerm(),
      ]);
      return {
        user_id: memory.userId,
        assistant_id: memory.assistantId,
        timestamp,
        analyser,
        user_profile,
        traits: known.traits,
        user_knowledge: known.userFacts,
        assistant_knowledge: known.assistantFacts,
      };
    },
  },
  {
    uri: segmentsUri,
    name: 'segments',
    title: 'Topics of mid-term memory',
    description: `The ${segmentsShownMax} hottest segments with summary, keywords and heat.`,
    mimeType: json,
    async read({ engine }) {
      const segments = await (await engine()).segments();
      return { total: segments.length, segments: segments.slice(0, segmentsShownMax) };
    },
  },
];
