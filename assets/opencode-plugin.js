// Written by memoryos-mcp install. Passes the conversation to the memory, and relevant memories to the model. See docs/hooks.md.
import { spawn } from 'node:child_process';

const [command, ...args] = [
  /* command */
];

/** Runs the hook with an event; returns context for the model, '' for none. Never rejects. */
function hook(event) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', () => resolve(''));
    child.stdin.on('error', () => undefined);
    child.on('close', () => {
      try {
        resolve(JSON.parse(printed).context ?? '');
      } catch {
        resolve('');
      }
    });
    child.stdin.end(JSON.stringify(event));
  });
}

const textOf = (parts) =>
  parts
    .filter((part) => part.type === 'text' && !part.synthetic && !part.ignored)
    .map((part) => part.text)
    .join('\n\n');

/** Calls the hook at the moments of sessions, and keeps the context that it returns. */
function conversation() {
  /** Context of each session: its opening, and memories relevant to the last prompt. */
  const contexts = new Map();
  return {
    async asked(session, folder, prompt) {
      if (prompt === '') return;
      const known = contexts.get(session);
      const opening = known === undefined ? await hook({ moment: 'start', session, folder }) : known.opening;
      const fitting = await hook({ moment: 'prompt', session, folder, prompt });
      contexts.set(session, { opening, fitting });
    },
    contextOf(session) {
      const known = contexts.get(session);
      return known === undefined ? [] : [known.opening, known.fitting].filter((text) => text !== '');
    },
    async compacting(session, folder) {
      if (contexts.has(session)) await hook({ moment: 'compacting', session, folder });
    },
    /** `read` returns a session's messages as pairs of a role and the text. */
    async answered(session, folder, read) {
      if (!contexts.has(session)) return;
      const messages = await read();
      const asked = messages.findLastIndex(([role]) => role === 'user');
      const answer = messages
        .slice(asked + 1)
        .filter(([role, text]) => role === 'assistant' && text !== '')
        .map(([, text]) => text)
        .join('\n\n');
      await hook({ moment: 'answered', session, folder, answer });
    },
  };
}

/** OpenCode 1. Versions before 1.18.29 do not load a plugin of this form. */
async function server({ client, directory, worktree }) {
  const folder = worktree && worktree !== '/' ? worktree : directory;
  const talk = conversation();
  /** A session that another one started: its prompts are the model's, not the user's. */
  const isChild = async (id) => {
    const found = await client.session.get({ path: { id } }).catch(() => undefined);
    return Boolean(found?.data?.parentID);
  };
  return {
    'chat.message': async (input, output) => {
      if (!(await isChild(input.sessionID))) await talk.asked(input.sessionID, folder, textOf(output.parts));
    },
    'experimental.chat.system.transform': async (input, output) => {
      output.system.push(...talk.contextOf(input.sessionID));
    },
    'experimental.session.compacting': (input) => talk.compacting(input.sessionID, folder),
    event: async ({ event }) => {
      if (event.type !== 'session.idle') return;
      const session = event.properties.sessionID;
      await talk.answered(session, folder, async () => {
        const { data } = await client.session.messages({ path: { id: session } });
        return (data ?? []).map(({ info, parts }) => [info.role, textOf(parts)]);
      });
    },
  };
}

const ends = ['session.execution.succeeded', 'session.execution.failed', 'session.execution.interrupted'];

/** OpenCode 2. */
async function setup(ctx) {
  const talk = conversation();
  /** The folder of a session; undefined for a session that another one started. */
  const folderOf = async (sessionID) => {
    const session = await ctx.session.get({ sessionID }).catch(() => undefined);
    if (session?.parentID) return undefined;
    return session?.location?.directory ?? ctx.location?.directory ?? process.cwd();
  };
  await ctx.session.hook('prompt', async ({ sessionID, prompt }) => {
    const folder = await folderOf(sessionID);
    if (folder !== undefined) await talk.asked(sessionID, folder, prompt.text ?? '');
  });
  await ctx.session.hook('context', (event) => {
    event.system.push(...talk.contextOf(event.sessionID).map((text) => ({ type: 'text', text })));
  });
  await ctx.session.hook('compaction', async ({ sessionID }) => {
    await talk.compacting(sessionID, await folderOf(sessionID));
  });
  const stop = new AbortController();
  const answered = async (sessionID) =>
    talk.answered(sessionID, await folderOf(sessionID), async () => {
      const messages = await ctx.session.context({ sessionID });
      return messages.map(({ type, text = '', content = [] }) => [
        type,
        type === 'assistant' ? textOf(content) : text,
      ]);
    });
  const follow = async () => {
    for await (const { type, data, durable } of ctx.event.subscribe({ signal: stop.signal })) {
      const session = data?.sessionID ?? durable?.aggregateID;
      if (ends.includes(type) && session) await answered(session).catch(() => undefined);
    }
  };
  // The subscription ends when OpenCode unloads the plugin.
  follow().catch(() => undefined);
  return () => stop.abort();
}

export default { id: 'memoryos', setup, server };
