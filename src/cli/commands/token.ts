import { Command, Option } from 'commander';
import type { TokenRecord } from '../../app/tokens/tokens.js';
import { MemoryError } from '../../model/errors.js';
import { toUserId } from '../../model/ids.js';
import { settingsOf } from '../settings.js';
import { day, excerpt, styled, table } from '../terminal.js';

/** `token`: creates, lists and revokes tokens for access over HTTP. */
export function tokenCommand(): Command {
  const command = new Command('token')
    .helpCommand('help [command]', 'print the help of a command')
    .description('tokens for the HTTP transport: create, list, revoke')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp token create --user alice --name laptop\n  $ memoryos-mcp token list\n  $ memoryos-mcp token revoke k3v9x0q2m7ab',
    );
  for (const sub of [createCommand(), listCommand(), revokeCommand()]) command.addCommand(sub);
  return command;
}

function createCommand(): Command {
  return new Command('create')
    .description('create a token for a user (--user); it is shown once')
    .addOption(new Option('--name <text>', 'name in the list, such as the device').default('', 'none'))
    .addHelpText('after', '\nExample:\n  $ memoryos-mcp token create --user alice --name laptop')
    .action(async (options: { readonly name: string }, command: Command) => {
      const { user } = command.optsWithGlobals<{ readonly user?: string }>();
      if (user === undefined) {
        throw new MemoryError(
          'INPUT_INVALID',
          'A token belongs to one user. Name the user: memoryos-mcp token create --user alice',
        );
      }
      const { config } = await settingsOf(command);
      const [{ createToken }, { withTokens }] = await Promise.all([
        import('../../app/tokens/tokens.js'),
        import('../../app/tokens/configured-tokens.js'),
      ]);
      const about = { userId: toUserId(user), name: excerpt(options.name, 60), nowMs: Date.now() };
      const { token, record } = await withTokens(config, (tokens) => createToken(tokens, about));
      process.stderr.write(
        `The token ${record.id} of ${excerpt(user, 60)}. It is shown only once; store it like a password.\n` +
          'Clients send it as the header "Authorization: Bearer <token>".\n',
      );
      process.stdout.write(`${token}\n`);
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('list the tokens: a table on a terminal, otherwise JSON')
    .addOption(new Option('--json', 'JSON also on a terminal'))
    .addHelpText('after', '\nExample:\n  $ memoryos-mcp token list --json')
    .action(async (options: { readonly json?: boolean }, command: Command) => {
      const { config } = await settingsOf(command);
      const [{ listTokens }, { withTokens }, { userHash }] = await Promise.all([
        import('../../app/tokens/tokens.js'),
        import('../../app/tokens/configured-tokens.js'),
        import('../../mcp/user-hash.js'),
      ]);
      const tokens = await withTokens(config, listTokens);
      if (options.json || !process.stdout.isTTY) {
        const shown = tokens.map(({ id, userId, name, createdAt, revokedAt }) => ({
          token_id: id,
          user_id: userId,
          user_hash: userHash(userId),
          name,
          created_at: createdAt,
          revoked_at: revokedAt,
        }));
        process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
        return;
      }
      if (tokens.length === 0) {
        process.stdout.write('No tokens. Create one with "memoryos-mcp token create --user <id>".\n');
        return;
      }
      const row = (one: TokenRecord) => [
        one.id,
        excerpt(one.userId, 40),
        userHash(one.userId),
        day(one.createdAt),
        one.revokedAt === null ? '' : styled(process.stdout, 'red', day(one.revokedAt)),
        excerpt(one.name, 60),
      ];
      const head = ['token', 'user', 'in the log', 'created', 'revoked', 'name'];
      process.stdout.write(`${table(head, tokens.map(row))}\n`);
    });
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke a token, at once and permanently')
    .argument('<id>', 'the id of the token, see "token list"')
    .addHelpText('after', '\nExample:\n  $ memoryos-mcp token revoke k3v9x0q2m7ab')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { config } = await settingsOf(command);
      const [{ revokeToken }, { withTokens }] = await Promise.all([
        import('../../app/tokens/tokens.js'),
        import('../../app/tokens/configured-tokens.js'),
      ]);
      const { userId } = await withTokens(config, (tokens) => revokeToken(tokens, id, Date.now()));
      process.stderr.write(`The token ${id} of ${excerpt(userId, 60)} is revoked.\n`);
    });
}
