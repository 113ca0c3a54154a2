import type { ChatRequest } from '../ports/chat-model.js';
import { type RespondPromptInput, respondPrompt } from '../prompts/respond.js';

/** What to ask a chat model so that it answers from the memory that was retrieved. */
export function respondRequest(input: RespondPromptInput, signal: AbortSignal | undefined): ChatRequest {
  const { system, user } = respondPrompt(input);
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    ...(signal === undefined ? {} : { signal }),
  };
}
