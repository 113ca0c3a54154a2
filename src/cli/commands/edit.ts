import { Command } from 'commander';
import type { UpdateInput } from '../../engine/memory-engine.js';
import { MemoryError } from '../../model/errors.js';
import type { FactId } from '../../model/ids.js';
import { factIdSchema } from '../../model/knowledge.js';
import type { UpdateResult } from '../../model/results.js';
import { labelled, type OutputOptions, show, withOutputOptions } from '../output.js';
import { settingsOf, withKnownEngine } from '../settings.js';

const idArgument = 'the id of the fact (fc_…), as "memoryos-mcp search" and "memoryos-mcp inspect" show it';

/** `edit`: corrects a fact. */
export function editCommand(): Command {
  return withOutputOptions(
    new Command('edit')
      .description('correct a fact; "memoryos-mcp log" shows the earlier text')
      .argument('<fact>', idArgument)
      .argument('<text...>', 'the corrected text of the fact')
      .option('--at <time>', 'when it took place or began, such as 2026-01-31'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp edit fc_0mwsupdda4b9643558bf0 "The user lives in Lisbon"',
    )
    .action(
      (id: string, words: readonly string[], options: OutputOptions & { at?: string }, command: Command) =>
        update(command, options, {
          factId: factIdFrom(id),
          knowledge: words.join(' '),
          timestamp: options.at,
        }),
    );
}

/** `pin`: shows a fact in every answer. */
export function pinCommand(): Command {
  return pinning('pin', true, 'show a fact in every answer, and never remove it to free capacity');
}

/** `unpin`: ends the pinning of a fact. */
export function unpinCommand(): Command {
  return pinning('unpin', false, 'end the pinning of a fact');
}

function pinning(name: string, pinned: boolean, about: string): Command {
  return withOutputOptions(new Command(name).description(about).argument('<fact>', idArgument))
    .addHelpText('after', `\nExample:\n  $ memoryos-mcp ${name} fc_0mwsupdda4b9643558bf0`)
    .action((id: string, options: OutputOptions, command: Command) =>
      update(command, options, { factId: factIdFrom(id), pinned }),
    );
}

async function update(command: Command, options: OutputOptions, input: UpdateInput): Promise<void> {
  const settings = await settingsOf(command);
  const updated = await withKnownEngine(settings, (engine) => engine.update({ ...input, by: 'cli' }));
  show(updated, options, textOf);
}

function textOf({ message, fact, before }: UpdateResult): string {
  return [
    message,
    labelled('fact', fact.knowledge),
    ...(before === null || before === fact.knowledge ? [] : [labelled('was', before)]),
  ].join('\n');
}

function factIdFrom(text: string): FactId {
  const id = factIdSchema.safeParse(text);
  if (id.success) return id.data;
  throw new MemoryError(
    'ID_INVALID',
    `${JSON.stringify(text.slice(0, 40))} is not the id of a fact. "memoryos-mcp search" and "memoryos-mcp inspect" show the ids.`,
  );
}
