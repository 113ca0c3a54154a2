import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
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

/** `init`: writes a configuration, asking a person or taking flags. */
export function initCommand(): Command {
  return new Command('init')
    .description('write a configuration file, asking for what is not given')
    .option('--api-key <key>', 'key of an OpenAI-compatible provider (better: leave it to OPENAI_API_KEY)')
    .option('--base-url <url>', 'base URL of that provider')
    .option('--model <name>', 'model for the analysis')
    .option('--force', 'replace a file that exists')
    .option('-y, --yes', 'ask nothing')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp init\n  $ memoryos-mcp init --yes --config ./config.json --user alice --data ./memory\n  $ memoryos-mcp init --base-url http://localhost:11434/v1 --model qwen3',
    )
    .action(async (options: InitOptions, command: Command) => {
      const { config, user, data } = command.optsWithGlobals<{
        config?: string;
        user?: string;
        data?: string;
      }>();
      const file = path.resolve(config ?? 'config.json');
      if (existsSync(file) && !options.force) {
        throw new MemoryError(
          'CONFLICT',
          `${file} exists already. Give --force to replace it, or another --config.`,
        );
      }
      const given = {
        user_id: user,
        data_storage_path: data,
        openai_api_key: options.apiKey,
        openai_base_url: options.baseUrl,
        llm_model: options.model,
      };
      const content = options.yes || !process.stdin.isTTY ? given : await ask(given);
      await writeConfig(file, content);
      process.stdout.write(`${styled(process.stdout, 'green', 'Wrote')} ${file}\n\n${clientBlock(file)}\n`);
    });
}

type Draft = Readonly<Record<string, string | undefined>>;

async function ask(given: Draft): Promise<Draft> {
  const answers = await prompt([
    { key: 'user_id', question: 'Whose memory is it?', fallback: given.user_id ?? 'default_user' },
    {
      key: 'data_storage_path',
      question: 'Folder to keep it in?',
      fallback: given.data_storage_path ?? './memoryos_data',
    },
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

/** Writes a file that `loadConfig` accepts; a problem in what was given leaves nothing behind. */
async function writeConfig(file: string, draft: Draft): Promise<void> {
  const content: Record<string, string> = {
    user_id: 'default_user',
    assistant_id: 'default_assistant_profile',
    data_storage_path: './memoryos_data',
  };
  for (const [key, value] of Object.entries(draft)) if (value) content[key] = value;
  const { loadConfig } = await import('../../app/config/config.js');
  // A relative data folder was meant relative to where the command was given.
  if (
    draft.data_storage_path &&
    !path.isAbsolute(draft.data_storage_path) &&
    !draft.data_storage_path.startsWith('~')
  ) {
    const relative = path.relative(path.dirname(file), path.resolve(draft.data_storage_path));
    content.data_storage_path = relative === '' ? '.' : relative;
  }
  loadConfig({ flags: content, env: {}, cwd: path.dirname(file), withoutFile: true });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
}

function clientBlock(file: string): string {
  const block = {
    mcpServers: { memoryos: { command: 'npx', args: ['-y', 'memoryos-mcp', '--config', file] } },
  };
  return `Put this into the settings of your MCP client:\n${JSON.stringify(block, null, 2)}\n\nCheck it with: memoryos-mcp doctor --config ${JSON.stringify(file)}`;
}
