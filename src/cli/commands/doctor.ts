import { Command } from 'commander';
import { MemoryError, messageOf } from '../../model/errors.js';
import { checkData, checkModels, checkNode, type Finding } from '../checks.js';
import { openEngine, type Settings, settingsOf } from '../settings.js';
import { styled } from '../terminal.js';

/** `doctor`: checks everything the server needs and says what to do. Exits 1 when something is wrong. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check Node, configuration, data folder, memory, index and provider, and say what to do')
    .option('--json', 'print JSON')
    .option('--offline', 'do not ask the provider')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp doctor --config ./config.json\n  $ memoryos-mcp doctor --offline --json',
    )
    .action(async (options: { json?: boolean; offline?: boolean }, command: Command) => {
      const findings: Finding[] = [checkNode(process.versions.node)];
      const settings = await readSettings(command, findings);
      if (settings !== undefined) {
        findings.push(...(await checkData(settings.config.data_storage_path)));
        if (findings.every(({ level }) => level !== 'error')) findings.push(...(await checkMemory(settings)));
        if (!options.offline) findings.push(...(await checkModels(settings.config)));
      }
      process.stdout.write(
        options.json ? `${JSON.stringify(findings, null, 2)}\n` : `${findings.map(shown).join('\n')}\n`,
      );
      if (findings.some(({ level }) => level === 'error')) process.exitCode = 1;
    });
}

async function readSettings(command: Command, findings: Finding[]): Promise<Settings | undefined> {
  try {
    const settings = await settingsOf(command);
    const message = settings.file ?? 'no file, defaults are used';
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

async function checkMemory(settings: Settings): Promise<Finding[]> {
  try {
    const engine = await openEngine(settings);
    try {
      const { index, analysis, notices, user_id, short_term, mid_term } = await engine.stats();
      return [
        {
          check: 'memory',
          level: 'ok',
          message: `${user_id}: ${short_term.pages} pages in short-term memory, ${mid_term.pages} in ${mid_term.segments} segments`,
          todo: '',
        },
        {
          check: 'index',
          level: index.vectors_missing === 0 ? 'ok' : 'warning',
          message: `${index.embedder}, ${index.vectors} vectors, ${index.vectors_missing} missing`,
          todo: index.vectors_missing === 0 ? '' : 'nothing: they are made while a server runs',
        },
        {
          check: 'analysis',
          level: analysis.last_error === null ? 'ok' : 'warning',
          message: `by ${analysis.analyser}${analysis.last_error === null ? '' : `; last error: ${analysis.last_error}`}`,
          todo: analysis.last_error === null ? '' : 'see "provider"; it is tried again by itself',
        },
        ...notices.map((message): Finding => ({ check: 'notice', level: 'warning', message, todo: '' })),
      ];
    } finally {
      await engine.close();
    }
  } catch (error) {
    const todo =
      error instanceof MemoryError && error.code === 'STORE_BUSY'
        ? 'close the other program that holds the lock, then try again'
        : 'keep a copy of the data folder before you change anything in it';
    return [{ check: 'memory', level: 'error', message: messageOf(error), todo }];
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
