import type { ChatModel } from '../../src/ports/chat-model.js';
import type { Embedder } from '../../src/ports/embedder.js';
import { instructions, type OriginalTask } from './original-prompts.js';

export interface PlainPage {
  readonly user_input: string;
  readonly agent_response: string;
  readonly timestamp: string;
}

interface KeptPage extends PlainPage {
  readonly metaInfo: string;
  analysed: boolean;
}

interface Session {
  readonly vector: Float32Array;
  readonly keywords: ReadonlySet<string>;
  readonly pages: KeptPage[];
  interactions: number;
}

/**
 * The calls of a model by the Python original while pages are added. Once short-term memory (10 pages) is full, each
 * add moves the oldest page out, with one call for continuity, one for a summary and one for topics. Then, if the
 * hottest session has pages that were not analysed, and its visits + pages + recency (1, as everything is recent) are
 * at least 5, there is one call for the profile and one for knowledge. Nothing is retrieved, so visits stay 0. `asked`
 * gets the text that fills the original's template of the task.
 */
export async function runOriginal(
  pages: readonly PlainPage[],
  model: ChatModel,
  embedder: Embedder,
  asked: (task: OriginalTask, data: readonly string[]) => void,
): Promise<void> {
  const shortTerm: PlainPage[] = [];
  const sessions: Session[] = [];
  let last: KeptPage | null = null;
  let profile = 'No existing profile data.';

  /** `data`: the text that fills the original's template. */
  async function ask(task: OriginalTask, ...data: readonly string[]): Promise<string> {
    asked(task, data);
    const messages = [
      { role: 'system', content: instructions[task] },
      { role: 'user', content: data.join('\n') },
    ] as const;
    return (await model.complete({ messages, temperature: 0.7, outputTokensMax: 2000 })).text;
  }

  async function migrate(page: PlainPage): Promise<void> {
    const said = textOf(page);
    const sides = [last?.user_input ?? '', last?.agent_response ?? '', page.user_input, page.agent_response];
    const continues = (await ask('continuity', ...sides)) === 'true';
    const before = continues && last !== null ? last.metaInfo : 'None';
    const kept: KeptPage = {
      ...page,
      metaInfo: await ask('metaInfo', before, said),
      analysed: false,
    };
    last = kept;
    const topics = JSON.parse(await ask('multiSummary', said)) as { keywords: string[]; content: string }[];
    for (const topic of topics) await insert(kept, topic);
  }

  async function insert(page: KeptPage, topic: { keywords: string[]; content: string }): Promise<void> {
    const [vector = new Float32Array()] = await embedder.embed([topic.content]);
    const keywords = new Set(topic.keywords);
    const score = (session: Session) => dot(session.vector, vector) + jaccard(session.keywords, keywords);
    const best = sessions.reduce<Session | null>((a, b) => (a === null || score(b) > score(a) ? b : a), null);
    if (best !== null && score(best) >= 0.6) {
      best.pages.push({ ...page });
      best.interactions += 1;
    } else sessions.push({ vector, keywords, pages: [{ ...page }], interactions: 1 });
  }

  async function analyseHottest(): Promise<void> {
    const hottest = sessions.reduce<Session | null>(
      (a, b) => (a === null || b.interactions > a.interactions ? b : a),
      null,
    );
    if (hottest === null || hottest.interactions + 1 < 5) return;
    const waiting = hottest.pages.filter((page) => !page.analysed);
    if (waiting.length === 0) return;
    const conversation = waiting
      .map(
        (page) =>
          `User: ${page.user_input} (Timestamp: ${page.timestamp})\nAssistant: ${page.agent_response} (Timestamp: ${page.timestamp})`,
      )
      .join('\n');
    profile = await ask('profile', profile, conversation);
    await ask('knowledge', conversation);
    for (const page of hottest.pages) page.analysed = true;
    hottest.interactions = 0;
  }

  for (const page of pages) {
    const oldest = shortTerm.length >= 10 ? shortTerm.shift() : undefined;
    if (oldest !== undefined) await migrate(oldest);
    shortTerm.push(page);
    await analyseHottest();
  }
}

function textOf(page: PlainPage): string {
  return `User: ${page.user_input}\nAssistant: ${page.agent_response}`;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((keyword) => b.has(keyword)).length;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}
