import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { toAssistantId } from '../../model/ids.js';
import { interruptible } from '../interruptible.js';
import { counted } from '../output.js';
import { createProgress } from '../progress.js';
import { settingsOf } from '../settings.js';
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
      '\nRunning it again completes an interrupted import, and otherwise changes nothing.\n\nExample:\n  $ memoryos-mcp import --user alice alice.jsonl\n  $ memoryos-mcp import ./chatgpt-export --dry-run\n  $ memoryos-mcp import ~/.claude/projects\n  $ memoryos-mcp import --user alice ./memoryos_data --timezone Europe/Berlin --dry-run',
    )
    .action(async (source: string, options: Options, command: Command) => {
      const { config, log } = await settingsOf(command);
      const { openForImport } = await import('../../app/transfer/open-for-import.js');
      const isFolder =
        source !== '-' &&
        (await stat(source).then(
          (found) => found.isDirectory(),
          () => false,
        ));
      const store = await openForImport(config, log, options.dryRun === true);
      const progress = createProgress();
      try {
        const outcome = await interruptible(async (signal): Promise<Outcome> => {
          const dryRun = options.dryRun === true;
          const { Redactor } = await import('../../engine/redactor.js');
          const { zoneOf } = await import('../../app/config/time-zone.js');
          const redactor = new Redactor(config.redact_secrets);
          const about = { dry_run: dryRun, user_id: config.user_id };
          const { findHistory, importHistory } = await import('../../app/capture/import-history.js');
          const history = source === '-' ? null : await findHistory(source, options.from);
          if (history !== null) {
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
            const shown = sample.map(({ timestamp, user_input, agent_response }) => ({
              timestamp,
              user_input,
              agent_response,
            }));
            if (counts.segments > config.mid_term_capacity) {
              notes.push(
                `The memory keeps ${config.mid_term_capacity} segments searchable and archives the others. To search all of them, set mid_term_capacity to ${counts.segments * 2}.`,
              );
            }
            const told = { copies_merged: 0, notes, sample: dryRun ? shown : null, not_taken: examples };
            return { ...about, from, imported: counts, ...told };
          }
          if (isFolder) {
            const { importPython } = await import('../../app/transfer/import-python.js');
            const { user, counts, report } = await importPython(store, source, {
              user: options.fromUser,
              assistantId: toAssistantId(config.assistant_id),
              zone: options.timezone ?? zoneOf(config),
              keepAnalysed: options.keepAnalysed === true,
              sharedAssistants: options.sharedAssistants === true,
              dryRun,
              redactor,
              includeForgotten: options.includeForgotten,
              signal,
              onProgress: (share) => progress.show('importing', share),
            });
            const from = `${user} of the Python MemoryOS in ${source}`;
            const { copiesMerged: copies_merged, notes, notTaken: not_taken } = report;
            return { ...about, from, imported: counts, copies_merged, notes, sample: null, not_taken };
          }
          const { importFile } = await import('../../app/transfer/transfer.js');
          const notes: string[] = [];
          const { userId, exportedAt, counts } = await importFile(store, source, {
            dryRun,
            redactor,
            includeForgotten: options.includeForgotten,
            onDamage: options.partial ? (problem) => void notes.push(problem) : undefined,
            onProgress: (step, share) => progress.show(step === 'check' ? 'checking' : 'importing', share),
            signal,
          });
          const from = `${userId} as of ${exportedAt}`;
          return { ...about, from, imported: counts, copies_merged: 0, notes, sample: null, not_taken: [] };
        });
        progress.end();
        const asText = !options.json && process.stdout.isTTY;
        process.stdout.write(asText ? `${textOf(outcome)}\n` : `${JSON.stringify(outcome, null, 2)}\n`);
      } finally {
        progress.end();
        await store.close();
      }
    });
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
