import { Command } from 'commander';
import type { Transferred } from '../../app/transfer/transfer-memories.js';
import { MemoryError } from '../../model/errors.js';
import { toUserId } from '../../model/ids.js';
import { interruptible } from '../interruptible.js';
import { counted } from '../output.js';
import { createProgress } from '../progress.js';
import { settingsOf } from '../settings.js';
import { excerpt } from '../terminal.js';

const namedMax = 20;

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `transfer`: copies all memories from files into a database, or back. */
export function transferCommand(): Command {
  return new Command('transfer')
    .description('copy the memories of all users (or of --user) from files into a database, or back')
    .option('--to <place>', 'a folder, or postgres://user@host/database (default: the configured store)')
    .option('--from <place>', 'the present folder or database (default: the configured store)')
    .option('--dry-run', 'only report the memories that would be copied')
    .option('--json', 'print JSON (the default when the output is not a terminal)')
    .addHelpText(
      'after',
      `
The command only reads the source, and servers may use it meanwhile. At the end it names the memories that they have
changed. Then stop these servers and run the command again: it copies the changes. Start servers on the target
afterwards. The command also takes the password of a database from PGPASSWORD or ~/.pgpass.

Example:
  $ memoryos-mcp transfer --to postgres://memoryos@db.example.com/memoryos --dry-run
  $ memoryos-mcp transfer --to postgres://memoryos@db.example.com/memoryos
  $ memoryos-mcp transfer --from postgres://memoryos@db.example.com/memoryos --to ./memories`,
    )
    .action(runTransfer);
}

async function runTransfer(options: Options, command: Command): Promise<void> {
  const { config, log } = await settingsOf(command);
  const [{ placeOf, sourceAt, targetAt }, { transferMemories }, { copyTokens }, { withTokens }] =
    await Promise.all([
      import('../../app/transfer/places.js'),
      import('../../app/transfer/transfer-memories.js'),
      import('../../app/tokens/copy-tokens.js'),
      import('../../app/tokens/configured-tokens.js'),
    ]);
  if (options.to === undefined && options.from === undefined) {
    throw new MemoryError('INPUT_INVALID', 'Name the target: --to with a folder or the URL of a database.');
  }
  const from = placeOf(config, options.from);
  const to = placeOf(config, options.to);
  if (from.name === to.name) {
    throw new MemoryError('INPUT_INVALID', `Source and target are the same: ${from.name}.`);
  }
  const dryRun = options.dryRun === true;
  const named = typeof command.optsWithGlobals().user === 'string';
  const progress = createProgress();
  const source = await sourceAt(from);
  const target = await targetAt(to, dryRun, log).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  try {
    const results = await interruptible((signal) =>
      transferMemories({
        source: source.store,
        target: target.store,
        users: named ? [toUserId(config.user_id)] : undefined,
        dryRun,
        signal,
        onProgress: (user, pages, done, total) =>
          progress.show(
            `${done} of ${counted(total, 'memory', 'memories')}, ${excerpt(user, 40)}: ${counted(pages, 'page')}`,
            done / total,
          ),
      }),
    );
    progress.end();
    // Tokens are copied only when all users are copied.
    const tokens =
      named || target.store === null
        ? { copied: 0, old: 0 }
        : await withTokens(from.config, (given) =>
            withTokens(to.config, (taken) => copyTokens(given, taken, dryRun)),
          );
    const asText = !options.json && process.stdout.isTTY;
    process.stdout.write(
      asText
        ? `${textOf(results, from.name, to.name, dryRun)}${tokensText(tokens, dryRun)}`
        : jsonOf(results, tokens, from.name, to.name, dryRun),
    );
    if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
    else if (results.some(({ outcome }) => outcome === 'changed')) process.exitCode = 75;
  } finally {
    progress.end();
    await Promise.all([source.close(), target.close()]);
  }
}

type Tokens = Awaited<ReturnType<typeof import('../../app/tokens/copy-tokens.js').copyTokens>>;

function jsonOf(
  results: readonly Transferred[],
  tokens: Tokens,
  from: string,
  to: string,
  dry_run: boolean,
): string {
  const memories = results.map(({ userId: user_id, ...rest }) => ({ user_id, ...rest }));
  return `${JSON.stringify({ dry_run, from, to, memories, tokens }, null, 2)}\n`;
}

function tokensText({ copied, old }: Tokens, dryRun: boolean): string {
  const lines = [];
  if (copied > 0) lines.push(`${dryRun ? 'Would copy' : 'Copied'} ${counted(copied, 'access token')}.\n`);
  if (old > 0) {
    lines.push(`${counted(old, 'access token')} of version 0.1.0 cannot be copied; create new ones.\n`);
  }
  return lines.join('');
}

function textOf(results: readonly Transferred[], from: string, to: string, dryRun: boolean): string {
  const of = (outcome: Transferred['outcome']) => results.filter((one) => one.outcome === outcome);
  const sum = (list: readonly Transferred[]) =>
    `${counted(list.length, 'memory', 'memories')} with ${counted(
      list.reduce((all, { pages }) => all + pages, 0),
      'page',
    )} and ${counted(
      list.reduce((all, { facts }) => all + facts, 0),
      'fact',
    )}`;
  const names = (list: readonly Transferred[]) =>
    [...list.slice(0, namedMax).map(({ userId }) => userId), ...(list.length > namedMax ? ['…'] : [])].join(
      ', ',
    );
  const [copied, same, changed, failed] = [of('copied'), of('same'), of('changed'), of('failed')];
  const lines = [
    dryRun
      ? `Would copy ${sum(copied)} from ${from} to ${to}.`
      : `Copied ${sum(copied)} from ${from} to ${to}; everything was read back and is the same.`,
  ];
  if (same.length > 0) lines.push(`${sum(same)} ${same.length === 1 ? 'was' : 'were'} there already.`);
  if (changed.length > 0) {
    lines.push(
      `${counted(changed.length, 'memory', 'memories')} changed in the source meanwhile: ${names(changed)}. Stop the servers there and run this again.`,
    );
  }
  for (const { userId, problem } of failed.slice(0, namedMax))
    lines.push(`Not copied: ${userId}. ${problem}`);
  if (failed.length > namedMax)
    lines.push(`… and ${failed.length - namedMax} more were not copied (--json names them).`);
  return `${lines.join('\n')}\n`;
}
