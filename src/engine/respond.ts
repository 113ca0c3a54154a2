import { repeatsItself } from '../lib/text/repetition.js';
import { MemoryError } from '../model/errors.js';
import type { RetrieveResult } from '../model/results.js';
import type { ChatModel, ChatRequest } from '../ports/chat-model.js';
import { respondRequest } from '../retrieval/respond-request.js';
import type { AddInput, RespondInput, RetrieveInput } from './memory-engine.js';
import type { Redactor } from './redactor.js';

/** Maximum size of the memories in a prompt; models with a shorter context receive less. */
const promptTokensMax = 24_000;

export interface RespondParts {
  readonly chatModel: ChatModel | null;
  readonly retrieve: (input: RetrieveInput) => Promise<RetrieveResult>;
  /** Throws INPUT_INVALID for an exchange that could not be stored afterwards. */
  readonly check: (input: AddInput) => void;
  readonly add: (input: AddInput) => Promise<unknown>;
  readonly redactor: Redactor;
}

/**
 * Yields the answer in pieces. The exchange is stored after the complete answer, but not when the answer
 * fails or the reader stops. Throws MODEL_MISSING without a model, INPUT_INVALID, and errors of the model.
 */
export async function* respond(parts: RespondParts, input: RespondInput): AsyncIterable<string> {
  const { chatModel } = parts;
  if (chatModel === null)
    throw new MemoryError(
      'MODEL_MISSING',
      'Answering needs a language model, and none is configured. Set openai_api_key (and openai_base_url for ' +
        'an endpoint other than OpenAI, such as "http://localhost:11434/v1" for Ollama), or the environment ' +
        'variable OPENAI_API_KEY.',
    );
  const { relationshipWithUser, styleHint, signal } = input;
  parts.check({ userInput: input.query, agentResponse: '', metaData: input.metaData });
  const query = await parts.redactor.text(input.query);
  const metaData = input.metaData && (await parts.redactor.object(input.metaData));
  const exchange = { userInput: query, agentResponse: '', metaData };
  const memory = await parts.retrieve({
    query,
    relationshipWithUser,
    styleHint,
    maxTokens: promptTokensMax,
    signal,
  });
  let answer = '';
  const shorter = everShorter(memory);
  for (const shown of shorter) {
    const request = respondRequest(
      {
        query,
        now: memory.timestamp,
        relationshipWithUser: relationshipWithUser ?? 'friend',
        styleHint: styleHint ?? '',
        metaData: metaData ?? {},
        memory: shown,
      },
      signal,
    );
    try {
      for await (const piece of chatModel.stream(request)) {
        answer += piece;
        if (repeatsItself(answer) && !isQuoted(answer, request)) throw loop(chatModel.model);
        yield piece;
      }
      break;
    } catch (error) {
      const tooLong = error instanceof MemoryError && error.code === 'MODEL_CONTEXT';
      if (!tooLong || answer !== '' || shown === shorter.at(-1)) throw error;
    }
  }
  await parts.add({ ...exchange, agentResponse: answer });
}

const quotedCharacters = 160;

/** Repetition in the answer is accepted when the question or the memory contains it. */
function isQuoted(answer: string, { messages }: ChatRequest): boolean {
  const end = answer.trimEnd().slice(-quotedCharacters);
  return messages.some(({ content }) => content.includes(end));
}

/** The error for an answer that repeats itself; thrown before the exchange is stored. */
function loop(model: string): MemoryError {
  return new MemoryError(
    'MODEL_CONTENT',
    `${model} repeats itself, so its answer was stopped and this exchange is not remembered. Ask again, or configure another model.`,
  );
}

/**
 * Smaller and smaller selections for a model with a short context: first the best of everything, finally only
 * the last exchange.
 */
function everShorter(memory: RetrieveResult): RetrieveResult[] {
  const less = (pages: number, facts: number, recent: number): RetrieveResult => ({
    ...memory,
    short_term_memory: memory.short_term_memory.slice(-recent),
    retrieved_pages: memory.retrieved_pages.slice(0, pages),
    retrieved_user_knowledge: memory.retrieved_user_knowledge.slice(0, facts),
    retrieved_assistant_knowledge: memory.retrieved_assistant_knowledge.slice(0, facts),
  });
  return [memory, less(2, 4, 3), { ...less(0, 0, 1), user_profile: '' }];
}
