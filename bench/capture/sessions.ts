import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encode } from 'gpt-tokenizer';
import { answerQuestion } from '../../src/app/capture/answer-question.js';
import { EngineHookMemory } from '../../src/app/capture/engine-hook-memory.js';
import { createMemory } from '../../src/app/create-memory.js';

const sessionsPerClient = 10;
const exchangesPerSession = 20;

export const clients = ['claude-code', 'codex', 'gemini', 'cursor', 'vscode', 'cline', 'opencode'] as const;
export type Client = (typeof clients)[number];

export interface SessionFigures {
  readonly client: Client;
  readonly told: number;
  readonly stored: number;
  readonly doubled: number;
  /** Tokens added to each prompt; 0 when nothing was added. */
  readonly promptTokens: readonly number[];
  readonly startTokens: readonly number[];
}

const things = [
  'parser',
  'invoice export',
  'login page',
  'search index',
  'mail queue',
  'price table',
  'map view',
  'upload form',
  'audit log',
  'billing job',
];
const asks = [
  'Why does the {} fail on {}?',
  'Rename the {} of {}.',
  'Write a test for the {} in {}.',
  'Who calls the {} from {}?',
  'Make the {} of {} faster.',
];
const places = [
  'staging',
  'the worker',
  'the gateway',
  'version 3',
  'the nightly build',
  'the mobile client',
  'the import',
  'the archive',
];

interface Told {
  readonly prompt: string;
  readonly answer: string;
}

/** Deterministic. All prompts differ. */
function exchange(session: number, index: number): Told {
  const thing = things[(session + index) % things.length] ?? '';
  const place = places[(session * 3 + index) % places.length] ?? '';
  const [before = '', between = '', after = ''] = (asks[index % asks.length] ?? '').split('{}');
  const prompt = `${before}${thing}${between}${place}${after} (ticket ${session * 100 + index})`;
  return {
    prompt,
    answer: `I looked at the ${thing}: ticket ${session * 100 + index} touched ${place}, and it is done now.`,
  };
}

/** Plays recorded sessions of a client against one memory: prompts, answers, compactions, doubled calls, a resume. */
export async function playSessions(client: Client): Promise<SessionFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sessions-'));
  const home = path.join(folder, 'home');
  const project = path.join(folder, 'orchard');
  await mkdir(path.join(project, '.git'), { recursive: true });
  const dataDir = path.join(folder, 'data');
  const memory = await createMemory({ data_storage_path: dataDir, user_id: 'alice', daily_backups_kept: 0 });
  let nowMs = Date.parse('2026-11-20T09:00:00Z');
  const hook = async (event: object): Promise<string> => {
    nowMs += 1000;
    const question = { client, event: JSON.stringify(event), project: null };
    return contextOf(await answerQuestion(question, hooked, { dataDir, place: { home, env: {} }, nowMs }));
  };
  const hooked = new EngineHookMemory(async () => memory);
  const promptTokens: number[] = [];
  const startTokens: number[] = [];
  try {
    for (let session = 0; session < sessionsPerClient; session += 1) {
      const player = playerOf(client, session, folder, project);
      await player.begin();
      startTokens.push(tokens(await hook(player.start('startup'))));
      for (let index = 0; index < exchangesPerSession; index += 1) {
        const told = exchange(session, index);
        nowMs += 60_000;
        await player.asked(told, new Date(nowMs));
        promptTokens.push(tokens(await hook(player.prompt(told))));
        await player.answered(told);
        // Some agents store the exchange themselves before the hook does.
        if (index % 5 === 0) {
          await memory.add({
            userInput: told.prompt,
            agentResponse: told.answer,
            timestamp: new Date(nowMs).toISOString(),
          });
        }
        if (index % 7 === 3) await hook(player.compacting());
        for (const event of player.stop(told)) await hook(event);
        if (index % 6 === 2) for (const event of player.stop(told).slice(-1)) await hook(event);
        if (index === 10) startTokens.push(tokens(await hook(player.start('resume'))));
      }
      for (const event of player.end()) await hook(event);
    }
    await memory.flush({ shortTerm: true });
    // More than were stored, so that duplicates are seen.
    const { exchanges } = await memory.timeline({ limit: 500 });
    const stored = exchanges.map(({ user_input }) => user_input);
    const counts = new Map<string, number>();
    for (const text of stored) counts.set(text, (counts.get(text) ?? 0) + 1);
    const told = Array.from({ length: sessionsPerClient * exchangesPerSession }, (_, i) =>
      exchange(Math.floor(i / exchangesPerSession), i % exchangesPerSession),
    );
    const isStored = ({ prompt }: Told) => counts.has(prompt);
    return {
      client,
      told: told.length,
      stored: told.filter(isStored).length,
      doubled: stored.length - counts.size,
      promptTokens,
      startTokens,
    };
  } finally {
    await memory.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Player {
  begin(): Promise<void>;
  start(source: string): object;
  asked(told: Told, at: Date): Promise<void>;
  prompt(told: Told): object;
  answered(told: Told): Promise<void>;
  stop(told: Told): object[];
  compacting(): object;
  end(): object[];
}

function playerOf(client: Client, number: number, folder: string, cwd: string): Player {
  const session = `session-${client}-${number}`;
  const transcript = path.join(folder, `${session}.jsonl`);
  const write = async (...lines: object[]) =>
    appendFile(transcript, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const nothing = async () => undefined;
  const claude = { session_id: session, cwd, transcript_path: transcript };
  const event = (hook_event_name: string, more: object = {}) => ({ ...claude, hook_event_name, ...more });
  const begin = () => writeFile(transcript, '');
  switch (client) {
    case 'claude-code':
      return {
        begin,
        start: (source) => event('SessionStart', { source }),
        asked: ({ prompt }, at) =>
          write({
            type: 'user',
            uuid: `u${at.getTime()}`,
            sessionId: session,
            timestamp: at.toISOString(),
            message: { role: 'user', content: prompt },
          }),
        prompt: ({ prompt }) => event('UserPromptSubmit', { prompt }),
        answered: ({ answer }) =>
          write(
            {
              type: 'assistant',
              sessionId: session,
              message: {
                role: 'assistant',
                content: [{ type: 'tool_use', id: 't', name: 'Bash', input: {} }],
              },
            },
            {
              type: 'user',
              sessionId: session,
              message: {
                role: 'user',
                content: [{ type: 'tool_result', tool_use_id: 't', content: 'noise '.repeat(200) }],
              },
            },
            {
              type: 'assistant',
              sessionId: session,
              message: { role: 'assistant', content: [{ type: 'text', text: answer }] },
            },
          ),
        stop: ({ answer }) => [event('Stop', { last_assistant_message: answer })],
        compacting: () => event('PreCompact', { trigger: 'auto' }),
        end: () => [event('SessionEnd', { reason: 'exit' })],
      };
    case 'codex':
      return {
        begin: async () => {
          await begin();
          await write({
            type: 'session_meta',
            timestamp: '2026-11-20T09:00:00.000Z',
            payload: { id: session, cwd },
          });
        },
        start: (source) => event('SessionStart', { source }),
        asked: ({ prompt }, at) =>
          write({
            type: 'event_msg',
            timestamp: at.toISOString(),
            payload: { type: 'user_message', message: prompt },
          }),
        prompt: ({ prompt }) => event('UserPromptSubmit', { prompt, turn_id: '1' }),
        answered: ({ answer }) =>
          write({ type: 'event_msg', payload: { type: 'agent_message', message: answer } }),
        stop: ({ answer }) => [event('Stop', { last_assistant_message: answer })],
        compacting: () => event('PreCompact', { trigger: 'auto' }),
        end: () => [],
      };
    case 'vscode':
      return {
        begin,
        start: () => event('SessionStart', { source: 'new' }),
        asked: ({ prompt }, at) =>
          write({
            type: 'user.message',
            id: `u${at.getTime()}`,
            timestamp: at.toISOString(),
            data: { content: prompt },
          }),
        prompt: ({ prompt }) => event('UserPromptSubmit', { prompt }),
        answered: ({ answer }) => write({ type: 'assistant.message', data: { content: answer } }),
        stop: () => [event('Stop', { stop_hook_active: false })],
        compacting: () => event('PreCompact', { trigger: 'auto' }),
        end: () => [],
      };
    case 'gemini':
      return {
        begin: nothing,
        start: (source) => event('SessionStart', { source }),
        asked: nothing,
        prompt: ({ prompt }) => event('BeforeAgent', { prompt }),
        answered: nothing,
        stop: ({ prompt, answer }) => [event('AfterAgent', { prompt, prompt_response: answer })],
        compacting: () => event('PreCompress', { trigger: 'auto' }),
        end: () => [event('SessionEnd', { reason: 'exit' })],
      };
    case 'cursor': {
      const say = (hook_event_name: string, more: object = {}) => ({
        conversation_id: session,
        workspace_roots: [cwd],
        hook_event_name,
        ...more,
      });
      return {
        begin: nothing,
        start: () => say('sessionStart'),
        asked: nothing,
        prompt: ({ prompt }) => say('beforeSubmitPrompt', { prompt }),
        answered: nothing,
        stop: ({ answer }) => [
          say('afterAgentResponse', { text: answer }),
          say('stop', { status: 'completed' }),
        ],
        compacting: () => say('preCompact'),
        end: () => [say('sessionEnd', { reason: 'completed' })],
      };
    }
    case 'cline': {
      const say = (hookName: string, more: object = {}) => ({
        taskId: session,
        workspaceRoots: [cwd],
        hookName,
        ...more,
      });
      return {
        begin: nothing,
        start: () => say('TaskStart'),
        asked: nothing,
        prompt: ({ prompt }) => say('UserPromptSubmit', { userPromptSubmit: { prompt } }),
        answered: nothing,
        stop: ({ answer }) => [say('TaskComplete', { taskComplete: { taskMetadata: { result: answer } } })],
        compacting: () => say('PreCompact'),
        end: () => [say('TaskCancel')],
      };
    }
    case 'opencode': {
      const say = (moment: string, more: object = {}) => ({ moment, session, folder: cwd, ...more });
      return {
        begin: nothing,
        start: () => say('start'),
        asked: nothing,
        prompt: ({ prompt }) => say('prompt', { prompt }),
        answered: nothing,
        stop: ({ answer }) => [say('answered', { answer })],
        compacting: () => say('compacting'),
        end: () => [],
      };
    }
    default:
      return client satisfies never;
  }
}

/** The text of an answer that the model reads, in the format of any client. */
function contextOf(printed: string): string {
  const answer: Record<string, unknown> = JSON.parse(printed);
  const inner = answer.hookSpecificOutput as { additionalContext?: string } | undefined;
  const text =
    inner?.additionalContext ?? answer.additional_context ?? answer.contextModification ?? answer.context;
  return typeof text === 'string' ? text : '';
}

function tokens(text: string): number {
  return text === '' ? 0 : encode(text).length;
}
