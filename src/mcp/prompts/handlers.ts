import { ProtocolError, ProtocolErrorCode, type Server } from '@modelcontextprotocol/server';
import { MemoryError } from '../../model/errors.js';
import { refuseCursor } from '../paging.js';
import type { McpSession } from '../session.js';
import { inline } from '../text/quote.js';
import { wellFormed } from '../text/well-formed.js';
import { withinBytes } from '../text/within-bytes.js';
import { recall } from './recall.js';
import { saveConversation } from './save-conversation.js';

const prompts = [recall, saveConversation];

/** Offers the prompts that a person can choose in the client. */
export function offerPrompts(server: Server, session: McpSession): void {
  server.setRequestHandler('prompts/list', (request) => {
    refuseCursor(request.params?.cursor);
    return { prompts: prompts.map((prompt) => prompt.describe()) };
  });

  server.setRequestHandler('prompts/get', async ({ params }, { mcpReq: { signal } }) => {
    const prompt = prompts.find(({ name }) => name === params.name);
    if (prompt === undefined) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown prompt: ${inline(params.name.slice(0, 80))}`,
      );
    }
    try {
      const rendered = await prompt.render(wellFormed(params.arguments ?? {}), session, signal);
      const { description, text } = withinBytes(rendered, session.answerBytesMax, 2).answer;
      return { description, messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] };
    } catch (error) {
      if (!(error instanceof MemoryError) || error.code !== 'INPUT_INVALID') throw error;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
    }
  });
}
