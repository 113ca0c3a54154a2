import { readFile } from 'node:fs/promises';
import { MemoryError } from '../../model/errors.js';

/** The view of hosts that show MCP Apps. It is in no list: the tools that have it name it, and others ignore that. */
export const viewUri = 'ui://memoryos/memory.html';
export const viewMimeType = 'text/html;profile=mcp-app';

/** What a tool says of its view. */
export const viewMeta = { ui: { resourceUri: viewUri } };

let text: Promise<string> | undefined;

/** One document without anything to load. Throws STORE_IO where the package was not built. */
export function viewText(): Promise<string> {
  text ??= readFile(new URL('../../ui-chat/index.html', import.meta.url), 'utf8').catch((cause: unknown) => {
    text = undefined;
    throw new MemoryError(
      'STORE_IO',
      'The view is missing from this installation. Install the package again.',
      {
        cause,
      },
    );
  });
  return text;
}
