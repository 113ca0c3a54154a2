import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { MemoryError } from '../../model/errors.js';

/** The view of hosts that show MCP Apps. It is in no list: the tools that have it name it. */
export const viewUri = 'ui://memoryos/memory.html';
export const viewMimeType = 'text/html;profile=mcp-app';

/** What a tool says of its view. */
export const viewMeta = { ui: { resourceUri: viewUri } };

const extension = z.object({
  extensions: z.object({
    'io.modelcontextprotocol/ui': z.object({ mimeTypes: z.array(z.string()).optional() }),
  }),
});

/** Whether a client with these capabilities shows views; to others the tools do not name any. */
export function canShowViews(capabilities: unknown): boolean {
  const said = extension.safeParse(capabilities);
  if (!said.success) return false;
  return said.data.extensions['io.modelcontextprotocol/ui'].mimeTypes?.includes(viewMimeType) ?? false;
}

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
