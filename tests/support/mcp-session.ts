import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import type { ProjectSource } from '../../src/mcp/client-project.js';
import { createMcpServer } from '../../src/mcp/server.js';

export interface McpSession {
  readonly client: Client;
  readonly logged: string[];
  call(name: string, args: Record<string, unknown>): Promise<CallToolResult>;
  close(): Promise<void>;
}

interface SessionOptions {
  readonly project?: ProjectSource;
  readonly client?: Client;
}

/** A real client talking to the server within this process. */
export async function mcpSession(
  engine: MemoryEngine | (() => Promise<MemoryEngine>),
  {
    project = { configured: null },
    client = new Client({ name: 'test', version: '1' }),
  }: SessionOptions = {},
): Promise<McpSession> {
  const logged: string[] = [];
  const { server } = createMcpServer({
    version: '0.0.0-test',
    engine: typeof engine === 'function' ? engine : async () => engine,
    log: (level, message) => logged.push(`${level} ${message}`),
    answerBytesMax: 1024 * 1024,
    project,
    shownConfig: { user_id: 'alice', openai_api_key: '(set)' },
  });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  return {
    client,
    logged,
    call: async (name, args) => (await client.callTool({ name, arguments: args })) as CallToolResult,
    close: () => client.close(),
  };
}

/** The text of a result. */
export function textOf(result: CallToolResult): string {
  return result.content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
}
