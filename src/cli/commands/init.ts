import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { MemoryError } from '../../model/errors.js';
import { prompt } from '../prompt.js';
import { styled } from '../terminal.js';

interface InitOptions {
  readonly apiKey?: string;
  readonly baseUrl?: string;
  readonly model?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

/** `init`: writes a configuration file from answers or flags. */
export function initCommand(): Command {
  return new Command('init')
    .description('write your configuration file, or the one named by --config; asks for missing values')
    .option('--api-key <key>', 'key of an OpenAI-compatible provider (better: set OPENAI_API_KEY)')
    .option('--base-url <url>', 'base URL of that provider')
    .option('--model <name>', 'model for the analysis')
    .option('--force', 'replace an existing file')
    .option('-y, --yes', 'ask nothing')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp init\n  $ memoryos-mcp init --yes --config ./config.json --user alice --data ./memory\n  $ memoryos-mcp init --base-url http://localhost:11434/v1 --model qwen3',
    )
    .action(async (options: InitOptions, command: Command) => {
      const { defaultDataPath, userConfigFile } = await import('../../app/config/folders.js');
      const flags = command.optsWithGlobals<GlobalFlags>();
      const named = flags.config ?? (process.env.MEMORYOS_CONFIG || undefined);
      const file = named === undefined ? userConfigFile() : path.resolve(named);
      if (existsSync(file) && !options.force) {
        throw new MemoryError(
          'CONFLICT',
          `${file} exists already. Give --force to replace it, or another --config.`,
        );
      }
      const given = {
        user_id: flags.user ?? 'default_user',
        assistant_id: flags.assistant ?? 'default_assistant_profile',
        // Beside the file when a file was named; otherwise the default folder.
        data_storage_path:
          flags.data ??
          (named === undefined ? defaultDataPath() : path.join(path.dirname(file), 'memoryos_data')),
        openai_api_key: options.apiKey,
        openai_base_url: options.baseUrl,
        llm_model: options.model,
        log_level: flags.logLevel,
      };
      const content = options.yes || !process.stdin.isTTY ? given : await ask(given);
      await writeConfig(file, content);
      process.stdout.write(
        `${styled(process.stdout, 'green', 'Wrote')} ${file}\n\n${clientBlock(flags.config === undefined ? null : file)}\n`,
      );
    });
}

interface GlobalFlags {
  readonly config?: string;
  readonly user?: string;
  readonly assistant?: string;
  readonly data?: string;
  readonly logLevel?: string;
}

type Draft = Readonly<Record<string, string | undefined>>;

async function ask(given: Draft & { readonly data_storage_path: string }): Promise<Draft> {
  const answers = await prompt([
    { key: 'user_id', question: 'Whose memory is it?', fallback: given.user_id ?? '' },
    { key: 'data_storage_path', question: 'Folder to keep it in?', fallback: given.data_storage_path },
    {
      key: 'openai_api_key',
      question: 'Key of an OpenAI-compatible provider (empty: none, the built-in analyser needs none)?',
      fallback: given.openai_api_key ?? '',
      secret: true,
    },
    {
      key: 'openai_base_url',
      question: 'Base URL of the provider (empty: OpenAI, or none)?',
      fallback: given.openai_base_url ?? '',
    },
    { key: 'llm_model', question: 'Model for the analysis?', fallback: given.llm_model ?? 'gpt-4o-mini' },
  ]);
  return { ...given, ...answers };
}

/** Writes a file that `loadConfig` accepts. When the input is invalid, no file is left behind. */
async function writeConfig(file: string, draft: Draft): Promise<void> {
  const folder = path.dirname(file);
  const content: Record<string, string> = {};
  for (const [key, value] of Object.entries(draft)) if (value) content[key] = value;
  const data = content.data_storage_path;
  if (data !== undefined && !data.startsWith('~')) content.data_storage_path = shortest(folder, data);
  const [{ loadConfig }, { writePrivateFile }] = await Promise.all([
    import('../../app/config/config.js'),
    import('../../app/private-file.js'),
  ]);
  loadConfig({ flags: content, env: {}, cwd: folder, withoutFile: true });
  await writePrivateFile(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** Makes a path relative to the file's folder when it is below that folder. */
function shortest(folder: string, given: string): string {
  const absolute = path.resolve(given);
  const relative = path.relative(folder, absolute);
  const isBelow = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return isBelow ? `./${relative.split(path.sep).join('/')}` : absolute;
}

/** `file`: the configuration file that clients must name; null when they find it themselves. */
function clientBlock(file: string | null): string {
  const named = file === null ? [] : ['--config', file];
  const block = { mcpServers: { memoryos: { command: 'npx', args: ['-y', 'memoryos-mcp', ...named] } } };
  const check = file === null ? '' : ` --config ${JSON.stringify(file)}`;
  return `Connect a client with: memoryos-mcp install${check}\nOr put this into its MCP settings, once the package is on npm:\n${JSON.stringify(block, null, 2)}\n\nCheck it with: memoryos-mcp doctor${check}`;
}
