import path from 'node:path';

export const clientNames = [
  'claude-desktop',
  'claude-code',
  'cline',
  'cursor',
  'vscode',
  'windsurf',
] as const;
export type ClientName = (typeof clientNames)[number];

/** Where and how an MCP client keeps its servers. */
export interface McpClient {
  readonly file: string;
  /** The key of the object that holds the servers. */
  readonly serversKey: 'mcpServers' | 'servers';
  /** What the client wants in an entry beside the command. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** What a person has to do for the client to notice. */
  readonly afterwards: string;
}

/** The system a client runs on, so that tests can speak of all three. */
export interface Place {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function clientAt(name: ClientName, place: Place): McpClient {
  const { home } = place;
  const join = place.platform === 'win32' ? path.win32.join : path.posix.join;
  const apps = appsFolder(place);
  switch (name) {
    case 'claude-desktop':
      return plain(join(apps, 'Claude', 'claude_desktop_config.json'), 'Restart Claude Desktop.');
    case 'claude-code':
      return {
        ...plain(join(home, '.claude.json'), 'Start a new session; /mcp shows the server.'),
        extra: { type: 'stdio' },
      };
    case 'cline':
      return {
        ...plain(
          join(
            apps,
            'Code',
            'User',
            'globalStorage',
            'saoudrizwan.claude-dev',
            'settings',
            'cline_mcp_settings.json',
          ),
          'Cline notices by itself.',
        ),
        extra: { disabled: false, autoApprove: [] },
      };
    case 'cursor':
      return plain(join(home, '.cursor', 'mcp.json'), 'Enable the server in the MCP settings of Cursor.');
    case 'vscode':
      return {
        file: join(apps, 'Code', 'User', 'mcp.json'),
        serversKey: 'servers',
        extra: { type: 'stdio' },
        afterwards: 'Run "MCP: List Servers" in VS Code and start it.',
      };
    case 'windsurf':
      return plain(
        join(home, '.codeium', 'windsurf', 'mcp_config.json'),
        'Refresh the MCP servers in Windsurf.',
      );
    default:
      return name satisfies never;
  }
}

function plain(file: string, afterwards: string): McpClient {
  return { file, serversKey: 'mcpServers', extra: {}, afterwards };
}

/** Where programs keep their settings. */
function appsFolder({ platform, home, env }: Place): string {
  if (platform === 'win32') return env.APPDATA ?? path.win32.join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support');
  return env.XDG_CONFIG_HOME || path.posix.join(home, '.config');
}
