import { Command } from 'commander';
import type { RetrievedFact, RetrievedPage, RetrieveResult } from '../../model/results.js';
import { labelled, type OutputOptions, show, wholeNumber, withOutputOptions } from '../output.js';
import { settingsOf, withKnownEngine } from '../settings.js';
import { day } from '../terminal.js';

/** `search`: shows what an agent would receive for a query. */
export function searchCommand(): Command {
  return withOutputOptions(
    new Command('search')
      .description('search the memory as an agent would')
      .argument('<query...>', 'what to look for')
      .option('--limit <n>', 'maximum number of exchanges, and of facts of each kind', wholeNumber, 5),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp search "where do I live"\n  $ memoryos-mcp search --json allergies',
    )
    .action(
      async (words: readonly string[], options: OutputOptions & { limit: number }, command: Command) => {
        const settings = await settingsOf(command);
        const query = words.join(' ');
        const found = await withKnownEngine(settings, (engine) =>
          engine.retrieve({ query, maxResults: options.limit }),
        );
        show(found, options, textOf);
      },
    );
}

function textOf(found: RetrieveResult): string {
  const facts = [...found.retrieved_user_knowledge, ...found.retrieved_assistant_knowledge];
  const pages = [...found.retrieved_pages].sort((a, b) => b.score - a.score);
  const lines = [...facts.map(factText), ...pages.map(pageText)];
  return lines.length === 0 ? 'Nothing relevant was found.' : lines.join('\n');
}

function factText(fact: RetrievedFact): string {
  const place = fact.project === undefined ? '' : `  project ${fact.project}`;
  const mark = `${place}${fact.pinned === true ? '  pinned' : ''}${fact.current ? '' : '  history'}`;
  return `${day(fact.timestamp)}  ${fact.fact_id}${mark}\n${labelled('fact', fact.knowledge)}`;
}

function pageText(page: RetrievedPage): string {
  return [
    `${day(page.timestamp)}  ${page.page_id}  ${page.score.toFixed(2)}`,
    ...(page.user_input === '' ? [] : [labelled('user', page.user_input)]),
    ...(page.agent_response === '' ? [] : [labelled('agent', page.agent_response)]),
  ].join('\n');
}
