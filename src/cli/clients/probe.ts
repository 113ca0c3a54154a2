import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { MemoryError, messageOf } from '../../model/errors.js';
import { version } from '../package-info.js';
import type { Start } from './clients.js';

/** Long enough for npx to download the package. */
const answerWithinMs = 60_000;
const shownCharacters = 600;

/**
 * Starts a server as a client would, and asks for its tools. Throws CONFIG_INVALID with the server's output
 * when it does not answer.
 */
export async function probe({ command, args, env }: Start): Promise<readonly string[]> {
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...getDefaultEnvironment(), ...env },
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-4 * shownCharacters);
  });
  const client = new Client({ name: 'memoryos-mcp-install', version });
  try {
    await client.connect(transport, { timeout: answerWithinMs });
    const { tools } = await client.listTools(undefined, { timeout: answerWithinMs });
    if (tools.length === 0) throw new Error('it has no tools');
    return tools.map(({ name }) => name);
  } catch (cause) {
    const detail = said.trim() === '' ? '' : `\nIt said: ${said.trim().slice(-shownCharacters)}`;
    throw new MemoryError(
      'CONFIG_INVALID',
      `The server does not start with ${[command, ...args].join(' ')}: ${messageOf(cause)}.${detail}`,
      { cause },
    );
  } finally {
    await client.close().catch(() => undefined);
  }
}
