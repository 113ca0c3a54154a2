import { Command } from 'commander';
import type { ForgetInput } from '../../engine/memory-engine.js';
import { MemoryError } from '../../model/errors.js';
import { factIdSchema } from '../../model/knowledge.js';
import { pageIdSchema } from '../../model/page.js';
import type { ForgetResult } from '../../model/results.js';
import { prompt } from '../prompt.js';
import { settingsOf, withKnownEngine } from '../settings.js';
import { day, excerpt } from '../terminal.js';

const linesMax = 40;

interface Options {
  readonly before?: string;
  readonly confirm?: boolean;
  readonly json?: boolean;
}

/** `forget`: permanently deletes pages or facts, and what was derived from them. */
export function forgetCommand(): Command {
  return new Command('forget')
    .description('permanently delete pages or facts, and everything derived from them')
    .argument('[ids...]', 'ids of pages (pg_…) or of facts (fc_…), as "memoryos-mcp inspect" shows them')
    .option('--before <time>', 'everything said before this time, such as 2026-01-31')
    .option(
      '--confirm',
      'delete; without it, the command only lists what would be deleted (on a terminal it asks)',
    )
    .option('--json', 'print JSON (the default when the output is not a terminal)')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp forget pg_0mwsupdda4b9643558bf0\n  $ memoryos-mcp forget --before 2025-01-01 --confirm',
    )
    .action(async (ids: readonly string[], options: Options, command: Command) => {
      const input: ForgetInput = { ...inputFrom(ids, options.before), by: 'cli' };
      const settings = await settingsOf(command);
      const asText = !options.json && process.stdout.isTTY;
      const show = (result: ForgetResult) =>
        process.stdout.write(asText ? `${textOf(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
      await withKnownEngine(settings, async (engine) => {
        if (options.confirm) {
          show(await engine.forget({ ...input, confirm: true }));
          return;
        }
        const preview = await engine.forget(input);
        show(preview);
        const found = preview.pages.length + preview.facts.length + preview.traits.length;
        if (found === 0 || !asText || process.stdin.isTTY !== true) return;
        const question = 'Delete this permanently? (yes/no)';
        const { answer } = await prompt([{ key: 'answer', question, fallback: 'no' }]);
        if (/^y(es)?$/i.test(answer ?? '')) show(await engine.forget({ ...input, confirm: true }));
      });
    });
}

function inputFrom(ids: readonly string[], before: string | undefined): ForgetInput {
  if (before !== undefined && ids.length === 0) return { before };
  const pageIds = pageIdSchema.array().min(1).safeParse(ids);
  if (before === undefined && pageIds.success) return { pageIds: pageIds.data };
  const factIds = factIdSchema.array().min(1).safeParse(ids);
  if (before === undefined && factIds.success) return { factIds: factIds.data };
  const wrong = ids.find((id) => !pageIdSchema.safeParse(id).success && !factIdSchema.safeParse(id).success);
  throw new MemoryError(
    'INPUT_INVALID',
    wrong === undefined
      ? 'Name what to forget in one way: page ids, fact ids, or --before with a time.'
      : `${JSON.stringify(wrong.slice(0, 60))} is neither the id of a page nor of a fact. "memoryos-mcp inspect" shows the ids.`,
  );
}

function textOf(result: ForgetResult): string {
  const lines = [
    ...result.pages.map((page) => `  ${page.page_id}  ${day(page.timestamp)}  ${excerpt(page.excerpt, 60)}`),
    ...result.facts.map((fact) => `  ${fact.fact_id}  ${excerpt(fact.knowledge, 80)}`),
    ...result.traits.map((trait) => `  trait ${trait}`),
    ...result.segments.map((id) => `  segment ${id}`),
  ];
  const more = lines.length > linesMax ? [`  … and ${lines.length - linesMax} more (--json shows all)`] : [];
  const copies = result.remaining.map((path) => `  copies remain in ${path}`);
  return [result.message, ...lines.slice(0, linesMax), ...more, ...copies].join('\n');
}
