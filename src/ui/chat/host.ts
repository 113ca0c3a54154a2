/** The host of this view, using MCP Apps (SEP-1865, 2026-01-26): JSON-RPC by postMessage. */

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface HostContext {
  readonly theme?: 'light' | 'dark';
}

interface InitializeResult {
  readonly hostCapabilities?: { readonly serverTools?: object; readonly updateModelContext?: object };
  readonly hostContext?: HostContext;
}

/** The result of a tool of the server. */
export interface ToolResult {
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly isError?: boolean;
}

export interface Host {
  /** Whether this host lets the view call tools. */
  readonly canCall: boolean;
  /** Whether this host passes the view's messages to the model. */
  readonly canTell: boolean;
  /** Calls a tool of the server. Throws an Error with the server's message. */
  callTool(name: string, args: Readonly<Record<string, unknown>>): Promise<ToolResult>;
  /** Sends a message to the model. */
  tellModel(text: string): Promise<void>;
}

const waiting = new Map<number, (message: Message) => void>();
let lastId = 0;

/** Connects to the host. `onResult` is called with the result of the tool that opened this view. */
export async function connect(onResult: (result: ToolResult) => void): Promise<Host> {
  addEventListener('message', (event: MessageEvent<Message>) => {
    if (event.source !== parent) return;
    const message = event.data;
    if (message.id !== undefined && message.method === undefined) {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    } else if (message.id !== undefined) {
      // The host's requests to a view, teardown and ping, need only an empty answer.
      send({ id: message.id, result: {} });
    } else if (message.method === 'ui/notifications/tool-result') {
      onResult((message.params ?? {}) as ToolResult);
    } else if (message.method === 'ui/notifications/host-context-changed') {
      follow((message.params ?? {}) as HostContext);
    }
  });
  const { hostCapabilities, hostContext } = (await request('ui/initialize', {
    appInfo: { name: 'memoryos-mcp', version: '1' },
    appCapabilities: {},
    protocolVersion: '2026-01-26',
  })) as InitializeResult;
  follow(hostContext ?? {});
  send({ method: 'ui/notifications/initialized', params: {} });
  new ResizeObserver(() => {
    const { width, height } = document.documentElement.getBoundingClientRect();
    send({
      method: 'ui/notifications/size-changed',
      params: { width: Math.ceil(width), height: Math.ceil(height) },
    });
  }).observe(document.documentElement);
  return {
    canCall: hostCapabilities?.serverTools !== undefined,
    canTell: hostCapabilities?.updateModelContext !== undefined,
    async callTool(name, args) {
      const result = (await request('tools/call', { name, arguments: args })) as ToolResult;
      if (result.isError === true) throw new Error(textOf(result));
      return result;
    },
    async tellModel(text) {
      await request('ui/update-model-context', { content: [{ type: 'text', text }] });
    },
  };
}

function textOf({ content = [] }: ToolResult): string {
  return content.map(({ text = '' }) => text).join('\n');
}

function follow({ theme }: HostContext): void {
  if (theme !== undefined) document.documentElement.style.colorScheme = theme;
}

function request(method: string, params: unknown): Promise<unknown> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, ({ result, error }) => {
      if (error === undefined) resolve(result);
      else reject(new Error(error.message));
    });
    send({ id, method, params });
  });
}

function send(message: object): void {
  // A sandboxed view does not know the host's origin. It sends only data that came from the host.
  parent.postMessage({ jsonrpc: '2.0', ...message }, '*');
}
