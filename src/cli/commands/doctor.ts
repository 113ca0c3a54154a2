import { homedir } from 'node:os';
import { Command } from 'commander';
import { MemoryError } from '../../model/errors.js';
import { checkData, checkModels, checkNode, type Finding } from '../checks.js';
import { checkFiles, checkRunning } from '../memory-checks.js';
import { type Settings, settingsOf } from '../settings.js';
import { styled } from '../terminal.js';

interface DoctorOptions {
  readonly json?: boolean;
  readonly offline?: boolean;
  readonly repair?: boolean;
  readonly accept?: boolean;
}

/** `doctor`: checks everything the server needs and says what to do. Exits with 1 when it finds a problem. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check Node, configuration, data folder, every memory in it, index and provider; say what to do',
    )
    .option('--repair', 'repair damaged files as far as possible, and keep a copy of the damaged ones')
    .option('--accept', 'repair, and accept losses that cannot be repaired')
    .option('--json', 'print JSON')
    .option('--offline', 'do not contact the provider')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp doctor --config ./config.json\n  $ memoryos-mcp doctor --repair\n  $ memoryos-mcp doctor --offline --json',
    )
    .action(async (options: DoctorOptions, command: Command) => {
      const findings: Finding[] = [checkNode(process.versions.node)];
      const settings = await readSettings(command, findings);
      if (settings !== undefined) {
        findings.push(...(await checkData(settings.config.data_storage_path)));
        if (!hasError(findings))
          findings.push(
            ...(await checkFiles(
              settings,
              options.accept ? 'accept' : options.repair ? 'repair' : 'inspect',
            )),
          );
        if (!hasError(findings)) findings.push(...(await checkRunning(settings)));
        if (!options.offline) findings.push(...(await checkModels(settings.config)));
        const place = { platform: process.platform, home: homedir(), env: process.env };
        const { checkClients } = await import('../clients/client-checks.js');
        findings.push(...(await checkClients(place, settings.config.data_storage_path, !options.offline)));
      }
      const text = options.json ? JSON.stringify(findings, null, 2) : findings.map(shown).join('\n');
      process.stdout.write(`${text}\n`);
      if (hasError(findings)) process.exitCode = 1;
    });
}

function hasError(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === 'error');
}

async function readSettings(command: Command, findings: Finding[]): Promise<Settings | undefined> {
  try {
    const settings = await settingsOf(command);
    const message = settings.file ?? 'no file; the defaults are used';
    findings.push({ check: 'configuration', level: 'ok', message, todo: '' });
    return settings;
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
    findings.push({
      check: 'configuration',
      level: 'error',
      message: error.message,
      todo: 'correct it, or write a new one with "memoryos-mcp init"',
    });
    return undefined;
  }
}

const marks = {
  ok: ['green', 'ok     '],
  warning: ['yellow', 'warning'],
  error: ['red', 'error  '],
} as const;

function shown({ check, level, message, todo }: Finding): string {
  const [colour, mark] = marks[level];
  const line = `${styled(process.stdout, colour, mark)} ${check.padEnd(13)} ${message}`;
  return todo === '' ? line : `${line}\n        ${''.padEnd(13)} -> ${todo}`;
}
