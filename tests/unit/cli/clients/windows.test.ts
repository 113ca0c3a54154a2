import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hookAdapters } from '../../../../src/capture/hooks/adapters.js';
import { lastPart, projectOfFolder } from '../../../../src/capture/project.js';
import { clientAt, clientNames, type Place } from '../../../../src/cli/clients/clients.js';
import { isFromNpx, ownCommand } from '../../../../src/cli/clients/command.js';
import { hookFiles } from '../../../../src/cli/clients/hook-files.js';
import { planInstall, planUninstall } from '../../../../src/cli/clients/install-client.js';
import { formatOf } from '../../../../src/cli/clients/settings-format.js';

/** Paths of Windows, with a space and an umlaut. */
const home = 'C:\\Users\\Jörg Müller';
const place: Place = {
  platform: 'win32',
  home,
  env: { APPDATA: `${home}\\AppData\\Roaming`, LOCALAPPDATA: `${home}\\AppData\\Local` },
};
const node = 'C:\\Program Files\\nodejs\\node.exe';
const main = `${home}\\AppData\\Roaming\\npm\\node_modules\\memoryos-mcp\\dist\\cli\\main.js`;
const wanted = {
  name: 'memoryos',
  command: [node, main],
  flags: { '--data': `${home}\\Eigene Dateien\\gedächtnis` },
  env: {},
  withHooks: true,
};

describe('on Windows', () => {
  it.each(clientNames)('%s starts the server with complete paths', async (name) => {
    const client = clientAt(name, place);
    expect(path.win32.isAbsolute(client.file)).toBe(true);
    expect(client.file.startsWith(`${home}\\`)).toBe(true);
    expect(client.file).not.toContain('/');
    const { settings } = await planInstall(client, place, wanted);
    const written = formatOf(client.file).parse(client.file, settings.after ?? '');
    const entry = client.servers.reduce<unknown>((at, key) => Reflect.get(Object(at), key), written);
    const start = client.form.read(Object(Reflect.get(Object(entry), 'memoryos')));
    expect(start).toMatchObject({ command: node, args: [main, '--data', wanted.flags['--data']] });
  });

  it.each([...hookAdapters.keys()])(
    '%s calls a hook with paths that cmd and Bash keep together',
    async (name) => {
      const client = clientAt(clientNames.find((each) => each === name) ?? 'zed', place);
      const { hooks, settings } = await planInstall(client, place, wanted);
      const text = [...hooks, settings].map(({ after }) => after ?? '').join('\n');
      if (name === 'cline') {
        // On Windows, this client has no hooks.
        expect(hooks).toEqual([]);
      } else if (name === 'opencode') {
        // The plugin of this client starts the program without a shell.
        expect(text).toContain(
          [node, main, 'hook', 'opencode'].map((word) => JSON.stringify(word)).join(', '),
        );
      } else {
        const line = `"C:/Program Files/nodejs/node.exe" "${main.replaceAll('\\', '/')}" hook ${name} --data "${wanted.flags['--data'].replaceAll('\\', '/')}"`;
        expect(text).toContain(JSON.stringify(line).slice(1, -1));
      }
    },
  );

  it('npx is started by cmd, because it is a script there', () => {
    expect(ownCommand(main, 'win32', true)).toEqual(['cmd', '/c', 'npx', '-y', 'memoryos-mcp']);
    expect(
      isFromNpx(
        'C:\\Users\\a\\AppData\\Local\\npm-cache\\_npx\\1f\\node_modules\\memoryos-mcp\\dist\\cli\\main.js',
      ),
    ).toBe(true);
    expect(isFromNpx(main)).toBe(false);
  });

  it.each([
    ['claude-code', '{\r\n  // mine\r\n  "mcpServers": {}\r\n}\r\n'],
    ['codex', '# mine\r\nmodel = "o5"\r\n'],
    ['goose', '# mine\r\nGOOSE_MODE: auto\r\n'],
  ] as const)('the ends of lines of %s stay as they are', (name, before) => {
    const client = clientAt(name, place);
    const format = formatOf(client.file);
    const keys = [...client.servers, 'memoryos'];
    const after = format.set(
      before,
      keys,
      client.form.write({ command: node, args: [main], env: {} }, 'memoryos'),
    );
    expect(after).toContain('mine\r\n');
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
    const file = hookFiles('claude-code', place, wanted.command)?.files[0];
    expect(file?.edit('{\r\n  "model": "opus"\r\n}\r\n')?.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('an installation is removed again', async () => {
    for (const name of clientNames) {
      const { settings, hooks } = await planUninstall(clientAt(name, place), place, 'memoryos');
      expect([settings, ...hooks].filter(({ before, after }) => before !== after && after !== null)).toEqual(
        [],
      );
    }
  });

  it.each([
    ['C:\\code\\harbor', 'harbor'],
    ['C:\\code\\mein Projekt ü\\', 'mein Projekt ü'],
    ['\\\\server\\share\\garden', 'garden'],
    [home, null],
    ['C:\\', null],
  ])('the project of %s is %s', (folder, project) => {
    expect(projectOfFolder(folder, home, path.win32)).toBe(project);
  });

  it('a transcript names folders of the machine it was made on', () => {
    expect(lastPart('C:\\code\\harbor\\')).toBe('harbor');
  });

  it('a hook reads paths with backslashes from its event', () => {
    const event = {
      hook_event_name: 'Stop',
      session_id: 's',
      cwd: `${home}\\code`,
      transcript_path: `${home}\\t ü.jsonl`,
    };
    const read = hookAdapters.get('claude-code')?.read(JSON.parse(JSON.stringify(event)), { home, env: {} });
    expect(read).toMatchObject({ folder: event.cwd, transcript: event.transcript_path });
  });
});
