import { Command } from 'commander';
import { chatEndpoint } from '../../app/models/model-endpoint.js';
import { labelled, type OutputOptions, show, withOutputOptions } from '../output.js';
import { settingsOf, withEngine } from '../settings.js';

interface Options extends OutputOptions {
  readonly fact?: boolean;
  readonly pin?: boolean;
  readonly at?: string;
  readonly answer?: string;
}

/** `add`: stores an exchange or a fact. */
export function addCommand(): Command {
  return withOutputOptions(
    new Command('add')
      .description('store an exchange, or with --fact a fact in your own words')
      .argument('<text...>', 'what the user said, or the fact')
      .option('--answer <text>', "the assistant's answer")
      .option('--at <time>', 'time of the exchange or the fact, such as 2026-01-31 (default: now)')
      .option('--fact', 'store the text itself as a fact about the user')
      .option('--pin', 'with --fact: always show it'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp add "I moved to Lisbon in May"\n  $ memoryos-mcp add --fact --pin "The user is allergic to penicillin"',
    )
    .action(async (words: readonly string[], options: Options, command: Command) => {
      if (options.fact && options.answer !== undefined) command.error('A fact has no --answer.');
      if (options.pin && !options.fact) command.error('Only a fact can be pinned: add --fact.');
      const settings = await settingsOf(command);
      const text = words.join(' ');
      await withEngine(settings, async (engine) => {
        if (options.fact) {
          const added = await engine.update({
            knowledge: text,
            timestamp: options.at,
            pinned: options.pin,
            by: 'cli',
          });
          show(added, options, ({ message, fact }) =>
            [`${message} ${fact.fact_id}`, labelled('fact', fact.knowledge)].join('\n'),
          );
          return;
        }
        const added = await engine.add({
          userInput: text,
          agentResponse: options.answer ?? '',
          timestamp: options.at,
        });
        show(added, options, ({ message, page_id: id }) => `${message} ${id}`);
        // Without a model this takes a second, and the facts can be seen at once.
        if (chatEndpoint(settings.config) === null) await engine.flush();
      });
    });
}
