import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import type { FoundHistory } from '../../app/capture/import-history.js';
import type { openForImport } from '../../app/transfer/open-for-import.js';
import type { Redactor } from '../../engine/redactor.js';
import { toAssistantId } from '../../model/ids.js';
import { interruptible } from '../interruptible.js';
import { counted } from '../output.js';
import { createProgress, type Progress } from '../progress.js';
import { type Settings, settingsOf } from '../settings.js';
import { excerpt } from '../terminal.js';

const shownMax = 20;

interface Options {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly partial?: boolean;
  readonly json?: boolean;
  readonly fromUser?: string;
  readonly timezone?: string;
  readonly keepAnalysed?: boolean;
  readonly sharedAssistants?: boolean;
  readonly includeForgotten?: boolean;
}

/** The result to print, as JSON or as text. */
interface Outcome {
  readonly dry_run: boolean;
  readonly user_id: string;
  readonly from: string;
  readonly imported: Readonly<
    Record<'pages' | 'segments' | 'facts' | 'traits' | 'known' | 'forgotten', number>
  >;
  readonly copies_merged: number;
  readonly notes: readonly string[];
  /** For a dry run: the first pages; null when they are not shown. */
  readonly sample: readonly { timestamp: string; user_input: string; agent_response: string }[] | null;
  readonly not_taken: readonly { where: string; reason: string; content: string }[];
}

/**
 * `import`: reads an export, a backup, another program's history, or a data folder of the Python MemoryOS.
 */
export function importCommand(): Command {
  return new Command('import')
    .description(
      'import an export, a backup, the history of another program, or a data folder of the Python MemoryOS; existing memories stay',
    )
    .argument('<source>', 'a file or folder, "-" for an export over standard input')
    .option(
      '--from <program>',
      'the source program, if it is not recognised: chatgpt, claude, gemini, claude-code, codex, server-memory, mem0, markdown, mcp-memory-service',
    )
    .option('--dry-run', 'only check and say what would be imported')
    .option('--partial', 'import the readable parts of a damaged file, and report the others')
    .option('--include-forgotten', 'also import what this memory has forgotten')
    .option('--json', 'print JSON (the default when the output is not a terminal)')
    .option('--from-user <id>', 'Python: user in the folder')
    .option(
      '--timezone <zone>',
      'Python: time zone of its times, such as +02:00 or Europe/Berlin (default: time_zone)',
    )
    .option('--keep-analysed', 'Python: do not analyse again what the Python server has analysed')
    .option('--shared-assistants', 'Python: also import assistant knowledge that several users share')
    .addHelpText(
      'after',
      '\nRunning it again completes an interrupted import, and otherwise changes nothing. Servers derive facts from the\nimported exchanges in the background.\n\nExample:\n  $ memoryos-mcp import --user alice alice.jsonl\n  $ memoryos-mcp import ./chatgpt-export --dry-run\n  $ memoryos-mcp import ~/.claude/projects\n  $ memoryos-mcp import --user alice ./memoryos_data --timezone Europe/Berlin --dry-run',
    )
    .action(runImport);
}

async function runImport(source: string, options: Options, command: Command): Promise<void> {
  const { config, log } = await settingsOf(command);
  const { openForImport } = await import('../../app/transfer/open-for-import.js');
  const store = await openForImport(config, log, options.dryRun === true);
  const progress = createProgress();
  try {
    const outcome = await interruptible(async (signal) => {
      const { Redactor } = await import('../../engine/redactor.js');
      const redactor = new Redactor(config.redact_secrets);
      return outcomeOf({ source, options, config, store, redactor, progress, signal });
    });
    progress.end();
    const asText = !options.json && process.stdout.isTTY;
    process.stdout.write(asText ? `${textOf(outcome)}\n` : `${JSON.stringify(outcome, null, 2)}\n`);
  } finally {
    progress.end();
    await store.close();
  }
}

interface Import {
  readonly source: string;
  readonly options: Options;
  readonly config: Settings['config'];
  readonly store: Awaited<ReturnType<typeof openForImport>>;
  readonly redactor: Redactor;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The source is the history of another program, a folder of the Python MemoryOS, or an export. */
async function outcomeOf(given: Import): Promise<Outcome> {
  const { source, options } = given;
  if (source === '-') return fromExport(given);
  const { findHistory } = await import('../../app/capture/import-history.js');
  const isFolder = await stat(source).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const history = await findHistory(source, options.from);
  if (history !== null) return fromHistory(given, history);
  return isFolder ? fromPython(given) : fromExport(given);
}

async function fromHistory(given: Import, history: FoundHistory): Promise<Outcome> {
  const { options, config, store, redactor, progress, signal } = given;
  const { importHistory } = await import('../../app/capture/import-history.js');
  const { zoneOf } = await import('../../app/config/time-zone.js');
  const dryRun = options.dryRun === true;
  const { from, counts, sample, leftOut, examples } = await importHistory(store, history, {
    assistantId: toAssistantId(config.assistant_id),
    dryRun,
    includeForgotten: options.includeForgotten,
    nowMs: Date.now(),
    timeZone: zoneOf(config),
    redactor,
    signal,
    onProgress: (share) => progress.show(dryRun ? 'checking' : 'importing', share),
  });
  const notes = [...leftOut].map(([reason, count]) => `${count} skipped: ${reason}`);
  if (counts.segments > config.mid_term_capacity) {
    notes.push(
      `The memory keeps ${config.mid_term_capacity} segments searchable and archives the others. To search all of them, set mid_term_capacity to ${counts.segments * 2}.`,
    );
  }
  const shown = sample.map(({ timestamp, user_input, agent_response }) => ({
    timestamp,
    user_input,
    agent_response,
  }));
  return {
    ...about(given),
    from,
    imported: counts,
    copies_merged: 0,
    notes,
    sample: dryRun ? shown : null,
    not_taken: examples,
  };
}

async function fromPython(given: Import): Promise<Outcome> {
  const { source, options, config, store, redactor, progress, signal } = given;
  const { importPython } = await import('../../app/transfer/import-python.js');
  const { zoneOf } = await import('../../app/config/time-zone.js');
  const { user, counts, report } = await importPython(store, source, {
    user: options.fromUser,
    assistantId: toAssistantId(config.assistant_id),
    zone: options.timezone ?? zoneOf(config),
    keepAnalysed: options.keepAnalysed === true,
    sharedAssistants: options.sharedAssistants === true,
    dryRun: options.dryRun === true,
    redactor,
    includeForgotten: options.includeForgotten,
    signal,
    onProgress: (share) => progress.show('importing', share),
  });
  return {
    ...about(given),
    from: `${user} of the Python MemoryOS in ${source}`,
    imported: counts,
    copies_merged: report.copiesMerged,
    notes: report.notes,
    sample: null,
    not_taken: report.notTaken,
  };
}

async function fromExport(given: Import): Promise<Outcome> {
  const { source, options, store, redactor, progress, signal } = given;
  const { importFile } = await import('../../app/transfer/transfer.js');
  const notes: string[] = [];
  const { userId, exportedAt, counts } = await importFile(store, source, {
    dryRun: options.dryRun === true,
    redactor,
    includeForgotten: options.includeForgotten,
    onDamage: options.partial ? (problem) => void notes.push(problem) : undefined,
    onProgress: (step, share) => progress.show(step === 'check' ? 'checking' : 'importing', share),
    signal,
  });
  const from = `${userId} as of ${exportedAt}`;
  return { ...about(given), from, imported: counts, copies_merged: 0, notes, sample: null, not_taken: [] };
}

function about({ options, config }: Import): Pick<Outcome, 'dry_run' | 'user_id'> {
  return { dry_run: options.dryRun === true, user_id: config.user_id };
}

function textOf(outcome: Outcome): string {
  const { pages, segments, facts, traits, known, forgotten } = outcome.imported;
  const lines = [
    `${outcome.dry_run ? 'Would import' : 'Imported'} ${outcome.from} into the memory of ${outcome.user_id}:`,
    `  ${counted(pages, 'page')}, ${counted(segments, 'segment')}, ${counted(facts, 'fact')}, ${counted(traits, 'trait')}`,
  ];
  if (known > 0) lines.push(`  ${known} already existed and are unchanged`);
  if (forgotten > 0)
    lines.push(
      `  ${forgotten} were skipped because they were forgotten here (--include-forgotten imports them)`,
    );
  if (outcome.copies_merged > 0) lines.push(`  ${outcome.copies_merged} duplicate copies were merged`);
  for (const { timestamp, user_input, agent_response } of outcome.sample ?? []) {
    lines.push(`  ${timestamp.slice(0, 16)} ${excerpt(user_input, 60)} | ${excerpt(agent_response, 60)}`);
  }
  lines.push(...shortened(outcome.notes.map((note) => `  note: ${excerpt(note, 200)}`)));
  if (outcome.not_taken.length > 0) lines.push('Not imported (--json shows everything):');
  lines.push(
    ...shortened(
      outcome.not_taken.map((item) => `  ${item.where}: ${item.reason}: ${excerpt(item.content, 60)}`),
    ),
  );
  return lines.join('\n');
}

function shortened(lines: readonly string[]): string[] {
  const rest = lines.length - shownMax;
  return rest > 0 ? [...lines.slice(0, shownMax), `  … and ${rest} more`] : [...lines];
}
