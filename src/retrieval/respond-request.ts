import type { ChatRequest } from '../ports/chat-model.js';
import { type RespondPromptInput, respondPrompt } from '../prompts/respond.js';

/** The request for a chat model to answer from the retrieved memory. */
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
