import { existsSync } from 'node:fs';
import path from 'node:path';

/** The command that starts a server. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type Entry = Readonly<Record<string, unknown>>;

/** The form of a client's entry that starts a server. */
export interface EntryForm {
  write(start: Start, name: string): Entry;
  /** Null for an entry that starts no command. */
  read(entry: Entry): Start | null;
}

/** An MCP client, and where and how it keeps its servers. */
export interface McpClient {
  readonly name: ClientName;
  /** The name for people. */
  readonly title: string;
  readonly file: string;
  /** The keys that lead to the object with the servers. */
  readonly servers: readonly string[];
  readonly form: EntryForm;
  /** Properties that the client expects in an entry beside the command. */
  readonly usual: Entry;
  /** One of these paths exists when the client is installed. */
  readonly traces: readonly string[];
  /** What a person has to do so that the client uses the change. */
  readonly afterwards: string;
}

/** The system a client runs on, so that tests can cover all three systems. */
export interface Place {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `{command, args, env}`, the form of most clients. */
const plainForm: EntryForm = {
  write: ({ command, args, env }) => ({ command, args, ...(Object.keys(env).length > 0 && { env }) }),
  read: (entry) =>
    typeof entry.command === 'string'
      ? { command: entry.command, args: texts(entry.args), env: textsByName(entry.env) }
      : null,
};

const openCodeForm: EntryForm = {
  write: ({ command, args, env }) => ({
    command: [command, ...args],
    ...(Object.keys(env).length > 0 && { environment: env }),
  }),
  read(entry) {
    const [command, ...args] = texts(entry.command);
    return command === undefined ? null : { command, args, env: textsByName(entry.environment) };
  },
};

const gooseForm: EntryForm = {
  write: ({ command, args, env }, name) => ({ name, cmd: command, args, envs: env }),
  read: (entry) =>
    typeof entry.cmd === 'string'
      ? { command: entry.cmd, args: texts(entry.args), env: textsByName(entry.envs) }
      : null,
};

/** What the table says of a client; the rest is as with most clients. */
type Described = Pick<McpClient, 'title' | 'file' | 'traces' | 'afterwards'> &
  Partial<Pick<McpClient, 'servers' | 'form' | 'usual'>>;

/** The folders of a system in which clients keep their settings. */
interface Folders {
  readonly home: string;
  readonly apps: string;
  readonly xdg: string;
  readonly codex: string;
  readonly isWindows: boolean;
  readonly join: typeof path.join;
}

const clients = {
  'claude-desktop': ({ apps, join }) => ({
    title: 'Claude Desktop',
    file: join(apps, 'Claude', 'claude_desktop_config.json'),
    traces: [join(apps, 'Claude')],
    afterwards: 'Restart Claude Desktop.',
  }),
  'claude-code': ({ home, join }) => ({
    title: 'Claude Code',
    file: join(home, '.claude.json'),
    usual: { type: 'stdio' },
    traces: [join(home, '.claude.json'), join(home, '.claude')],
    afterwards: 'Start a new session; /mcp shows the server.',
  }),
  cline: ({ apps, join }) => {
    const storage = join(apps, 'Code', 'User', 'globalStorage', 'saoudrizwan.claude-dev');
    return {
      title: 'Cline',
      file: join(storage, 'settings', 'cline_mcp_settings.json'),
      usual: { disabled: false, autoApprove: [] },
      traces: [storage],
      afterwards: 'Cline applies the change automatically.',
    };
  },
  cursor: ({ home, join }) => ({
    title: 'Cursor',
    file: join(home, '.cursor', 'mcp.json'),
    traces: [join(home, '.cursor')],
    afterwards: 'Enable the server in the MCP settings of Cursor.',
  }),
  vscode: ({ apps, join }) => ({
    title: 'VS Code',
    file: join(apps, 'Code', 'User', 'mcp.json'),
    servers: ['servers'],
    usual: { type: 'stdio' },
    traces: [join(apps, 'Code', 'User')],
    afterwards: 'Run "MCP: List Servers" in VS Code and start it.',
  }),
  windsurf: ({ home, join }) => ({
    title: 'Windsurf',
    file: join(home, '.codeium', 'windsurf', 'mcp_config.json'),
    traces: [join(home, '.codeium', 'windsurf')],
    afterwards: 'Refresh the MCP servers in Windsurf.',
  }),
  codex: ({ join, codex }) => ({
    title: 'Codex',
    file: join(codex, 'config.toml'),
    servers: ['mcp_servers'],
    traces: [codex],
    afterwards: 'Start a new session; /mcp shows the server.',
  }),
  gemini: ({ home, join }) => ({
    title: 'Gemini CLI',
    file: join(home, '.gemini', 'settings.json'),
    traces: [join(home, '.gemini')],
    afterwards: 'Start a new session; /mcp shows the server.',
  }),
  opencode: ({ xdg, join }) => ({
    title: 'OpenCode',
    file: firstThere([join(xdg, 'opencode', 'opencode.jsonc'), join(xdg, 'opencode', 'opencode.json')]),
    servers: ['mcp'],
    form: openCodeForm,
    usual: { type: 'local', enabled: true },
    traces: [join(xdg, 'opencode')],
    afterwards: 'Start OpenCode anew.',
  }),
  zed: ({ apps, xdg, join, isWindows }) => {
    const folder = isWindows ? join(apps, 'Zed') : join(xdg, 'zed');
    return {
      title: 'Zed',
      file: join(folder, 'settings.json'),
      servers: ['context_servers'],
      traces: [folder],
      afterwards: 'Zed applies the change automatically; the Agent panel shows the server.',
    };
  },
  goose: ({ apps, xdg, join, isWindows }) => {
    const folder = isWindows ? join(apps, 'Block', 'goose', 'config') : join(xdg, 'goose');
    return {
      title: 'Goose',
      file: join(folder, 'config.yaml'),
      servers: ['extensions'],
      form: gooseForm,
      usual: { type: 'stdio', enabled: true, timeout: 300 },
      traces: [folder],
      afterwards: 'Start a new Goose session.',
    };
  },
  jetbrains: ({ home, join }) => ({
    title: 'JetBrains (Junie)',
    file: join(home, '.junie', 'mcp', 'mcp.json'),
    traces: [join(home, '.junie')],
    afterwards:
      'Junie applies the change automatically. For the AI Assistant, paste the same entry under Settings, Tools, AI Assistant, Model Context Protocol.',
  }),
} satisfies Readonly<Record<string, (folders: Folders) => Described>>;

export type ClientName = keyof typeof clients;
export const clientNames = Object.keys(clients) as ClientName[];

export function clientAt(name: ClientName, place: Place): McpClient {
  const folders = {
    home: place.home,
    apps: appsFolder(place),
    xdg: xdgFolder(place),
    codex: codexFolder(place),
    isWindows: place.platform === 'win32',
    join: joinerOf(place),
  };
  return { name, servers: ['mcpServers'], form: plainForm, usual: {}, ...clients[name](folders) };
}

/** The folder for settings on Linux. Some programs use it on every system. */
export function xdgFolder(place: Place): string {
  return place.env.XDG_CONFIG_HOME || joinerOf(place)(place.home, '.config');
}

/** The folder of Codex's settings. */
export function codexFolder(place: Place): string {
  return place.env.CODEX_HOME || joinerOf(place)(place.home, '.codex');
}

/** The clients that are installed on this machine. */
export function clientsFound(place: Place): McpClient[] {
  return clientNames.map((name) => clientAt(name, place)).filter(({ traces }) => traces.some(existsSync));
}

export function joinerOf({ platform }: Place): typeof path.join {
  return platform === 'win32' ? path.win32.join : path.posix.join;
}

/** The folder where programs keep their settings. */
function appsFolder(place: Place): string {
  const { platform, home, env } = place;
  if (platform === 'win32') return env.APPDATA ?? path.win32.join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support');
  return xdgFolder(place);
}

/** The first of these files that exists, otherwise the last. */
function firstThere(files: readonly [string, string]): string {
  return existsSync(files[0]) ? files[0] : files[1];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function textsByName(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === 'string'));
}
