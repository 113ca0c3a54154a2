import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { command } from './command.js';
import { needsDatabase, withDatabase } from './database.js';

const [program = '', ...args] = command({
  call: 'npx tsx scripts/with-database.ts',
  about: 'Runs a command with a PostgreSQL, whose address is in TEST_DATABASE_URL.',
  time: 'as long as the command; a minute more when PostgreSQL is installed.',
  needs: needsDatabase,
})
  .argument('<command...>', 'the command and its arguments')
  .passThroughOptions()
  .parse().args;

process.exitCode = await withDatabase(async (url, bin) => {
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      TEST_DATABASE_URL: url,
      ...(bin === null ? {} : { PATH: `${bin}${path.delimiter}${process.env.PATH}` }),
    },
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
});
