import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { filledFolder, run, Trouble } from './fetched.js';

const release = '3.22.1';

/** The prebuilt binaries of node-llama-cpp that need nothing but a processor (on Apple silicon, its GPU). */
const binaries: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

/** The part of node-llama-cpp that is used here. The package is not a dependency of the project. */
interface LlamaPackage {
  getLlama(options: {
    build: 'never';
    skipDownload: true;
    progressLogs: false;
    logLevel: 'error';
  }): Promise<Llama>;
  readonly LlamaChat: new (options: { contextSequence: Sequence }) => Chat;
}
interface Llama {
  loadModel(options: { modelPath: string }): Promise<Model>;
  createGrammarForJsonSchema(schema: unknown): Promise<Grammar>;
  dispose(): Promise<void>;
}
interface Model {
  readonly trainContextSize: number;
  readonly tokenizer: unknown;
  createContext(options: {
    contextSize: number;
    threads: number;
  }): Promise<{ readonly contextSize: number; getSequence(): Sequence }>;
}
type Sequence = object;
type Grammar = object;
type HistoryItem =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly string[] };
interface Chat {
  readonly chatWrapper: {
    generateContextState(options: { chatHistory: readonly HistoryItem[] }): {
      readonly contextText: { tokenize(tokenizer: unknown): readonly number[] };
    };
  };
  generateResponse(
    history: readonly HistoryItem[],
    options: {
      maxTokens: number;
      temperature: number;
      repeatPenalty: false;
      signal: AbortSignal;
      stopOnAbortSignal: true;
      onToken(tokens: readonly number[]): void;
      grammar?: Grammar;
    },
  ): Promise<{ readonly response: string; readonly metadata: { readonly stopReason: string } }>;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface Completion {
  readonly text: string;
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** The prompt does not fit the context. */
export class TooLong extends Error {}

/** A model that runs in this process. It does one completion at a time. */
export interface RunningModel {
  readonly contextTokens: number;
  complete(
    messages: readonly ChatMessage[],
    options: { maxTokens: number; temperature: number; schema: unknown; signal: AbortSignal },
  ): Promise<Completion>;
  dispose(): Promise<void>;
}

/** Loads weights with node-llama-cpp, which is installed into the cache. Throws {@link Trouble}. */
export async function startModel(
  weights: string,
  contextTokens: number,
  cache: string,
  signal: AbortSignal,
): Promise<RunningModel> {
  const { getLlama, LlamaChat } = await llamaPackage(cache, signal);
  const llama = await getLlama({
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: 'error',
  });
  const model = await llama.loadModel({ modelPath: weights });
  const context = await model.createContext({
    contextSize: Math.min(contextTokens, model.trainContextSize),
    // The threads of llama.cpp wait for each other without sleeping, so one core stays free.
    threads: Math.max(1, availableParallelism() - 1),
  });
  const chat = new LlamaChat({ contextSequence: context.getSequence() });
  const grammars = new Map<string, Promise<Grammar>>();
  const grammarFor = (schema: unknown) => {
    const key = JSON.stringify(schema);
    const known = grammars.get(key) ?? llama.createGrammarForJsonSchema(withLengths(schema));
    grammars.set(key, known);
    return known;
  };
  let tail: Promise<unknown> = Promise.resolve();
  return {
    contextTokens: context.contextSize,
    complete(messages, { maxTokens, temperature, schema, signal: aborted }) {
      const job = async (): Promise<Completion> => {
        aborted.throwIfAborted();
        const history = [...messages.map(itemOf), { type: 'model', response: [] } as const];
        const { contextText } = chat.chatWrapper.generateContextState({ chatHistory: history });
        const promptTokens = contextText.tokenize(model.tokenizer).length;
        const room = context.contextSize - promptTokens - 1;
        if (room < 1)
          throw new TooLong(`${promptTokens} tokens do not fit a context of ${context.contextSize}`);
        let completionTokens = 0;
        const { response, metadata } = await chat.generateResponse(history, {
          maxTokens: Math.min(maxTokens, room),
          temperature,
          repeatPenalty: false,
          signal: aborted,
          stopOnAbortSignal: true,
          onToken: (tokens) => {
            completionTokens += tokens.length;
          },
          ...(schema === undefined ? {} : { grammar: await grammarFor(schema) }),
        });
        const finish = metadata.stopReason === 'maxTokens' ? 'length' : 'stop';
        return { text: response, finish, promptTokens, completionTokens };
      };
      const result = tail.then(job);
      tail = result.catch(() => undefined);
      return result;
    },
    dispose: () => llama.dispose(),
  };
}

const itemOf = ({ role, content }: ChatMessage): HistoryItem =>
  role === 'assistant' ? { type: 'model', response: [content] } : { type: role, text: content };

/**
 * node-llama-cpp bounds texts by `maxLength` and ignores `pattern`; the server of llama.cpp obeys both.
 * Prompts of this project bound their texts by the pattern `^[^\n]{0,N}$`.
 */
function withLengths(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withLengths);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).map(([key, value]) => {
    const bound = key === 'pattern' ? /^\^\[\^\\n\]\{0,(\d+)\}\$$/.exec(String(value))?.[1] : undefined;
    return bound === undefined ? [key, withLengths(value)] : ['maxLength', Number(bound)];
  });
  return Object.fromEntries(members);
}

async function llamaPackage(cache: string, signal: AbortSignal): Promise<LlamaPackage> {
  const platform = `${process.platform}-${process.arch}`;
  const binary = binaries[platform];
  if (binary === undefined) throw new Trouble(`node-llama-cpp has no binary for ${platform}.`);
  const folder = await filledFolder(path.join(cache, `node-llama-cpp-${release}`), (into) =>
    run(
      process.platform === 'win32' ? 'npm.cmd' : 'npm',
      [
        ...['install', '--prefix', into, '--no-save', '--no-audit', '--no-fund', '--loglevel', 'error'],
        // The install script would look for a compiler, and the optional packages have 600 MB for graphics cards.
        ...['--ignore-scripts', '--omit=optional'],
        ...[`node-llama-cpp@${release}`, `@node-llama-cpp/${binary}@${release}`],
      ],
      into,
      signal,
    ),
  );
  const entry = path.join(folder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js');
  return import(pathToFileURL(entry).href);
}
