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

export const MemoryOS = async ({ client, directory, worktree }) => {
  const folder = worktree && worktree !== '/' ? worktree : directory;
  /** Context of each session: its opening, and memories relevant to the last prompt. */
  const contexts = new Map();
  const tell = (moment, session, more = {}) => hook({ moment, session, folder, ...more });

  return {
    'chat.message': async (input, output) => {
      const prompt = textOf(output.parts);
      if (prompt === '') return;
      const known = contexts.get(input.sessionID);
      const opening = known === undefined ? await tell('start', input.sessionID) : known.opening;
      const fitting = await tell('prompt', input.sessionID, { prompt });
      contexts.set(input.sessionID, { opening, fitting });
    },
    'experimental.chat.system.transform': async (input, output) => {
      const known = contexts.get(input.sessionID);
      if (known === undefined) return;
      output.system.push(...[known.opening, known.fitting].filter((text) => text !== ''));
    },
    'experimental.session.compacting': async (input) => {
      await tell('compacting', input.sessionID);
    },
    event: async ({ event }) => {
      if (event.type !== 'session.idle') return;
      const session = event.properties.sessionID;
      if (!contexts.has(session)) return;
      const { data } = await client.session.messages({ path: { id: session } });
      const messages = data ?? [];
      const asked = messages.findLastIndex(({ info }) => info.role === 'user');
      const answer = messages
        .slice(asked + 1)
        .filter(({ info }) => info.role === 'assistant')
        .map(({ parts }) => textOf(parts))
        .filter((text) => text !== '')
        .join('\n\n');
      await tell('answered', session, { answer });
    },
  };
};
