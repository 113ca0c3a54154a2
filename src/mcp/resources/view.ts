import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { packageFile } from '../../lib/io/package-files.js';
import { MemoryError } from '../../model/errors.js';

/** The view for hosts that support MCP Apps. It is in no list; the tools that use it name it. */
export const viewUri = 'ui://memoryos/memory.html';
export const viewMimeType = 'text/html;profile=mcp-app';

/** The part of a tool's description that names its view. */
export const viewMeta = { ui: { resourceUri: viewUri } };

const extension = z.object({
  extensions: z.object({
    'io.modelcontextprotocol/ui': z.object({ mimeTypes: z.array(z.string()).optional() }),
  }),
});

/** Whether a client with these capabilities shows views. For other clients, the tools name no view. */
export function canShowViews(capabilities: unknown): boolean {
  const said = extension.safeParse(capabilities);
  if (!said.success) return false;
  return said.data.extensions['io.modelcontextprotocol/ui'].mimeTypes?.includes(viewMimeType) ?? false;
}

let text: Promise<string> | undefined;

/** A self-contained HTML document. Throws STORE_IO when the package was not built. */
export function viewText(): Promise<string> {
  text ??= readFile(packageFile('dist/ui-chat/index.html'), 'utf8').catch((cause: unknown) => {
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
