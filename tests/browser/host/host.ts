/** A minimal host of MCP Apps: it shows a view in a sandbox and forwards the requests of the view. */
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';

interface Frame {
  contentWindow: ConstructorParameters<typeof PostMessageTransport>[0];
  srcdoc: string;
}

/** Data that the test puts into the window of the host. */
interface HostWindow {
  document: { getElementById(id: string): Frame };
  callTool(name: string, args: unknown): Promise<never>;
  told(text: string): void;
  show(html: string, result: never, theme: 'light' | 'dark'): Promise<void>;
}
const host = globalThis as unknown as HostWindow;

host.show = async (html, result, theme) => {
  const frame = host.document.getElementById('view');
  const bridge = new AppBridge(
    null,
    { name: 'test-host', version: '1' },
    { serverTools: {}, updateModelContext: { text: {} } },
    { hostContext: { theme } },
  );
  bridge.oncalltool = ({ name, arguments: args }) => host.callTool(name, args);
  bridge.onupdatemodelcontext = async ({ content = [] }) => {
    for (const part of content) if (part.type === 'text') host.told(part.text);
    return {};
  };
  bridge.oninitialized = () => void bridge.sendToolResult(result);
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = html;
};
