// Runs commands of the built program one after another, as its IPC channel asks: { args, cwd, env } is answered with the
// exit code, after the mark on stdout and on stderr that ends the command's output. See command-runner.ts.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [mark] = process.argv.slice(2);
const program = pathToFileURL(path.resolve('dist/cli/run.js')).href;
const [node, main] = [process.argv[0], path.resolve('dist/cli/main.js')];
let count = 0;

process.on('message', async ({ args, cwd, env }) => {
  process.argv = [node, main, ...args];
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  count += 1;
  // The program runs while it is loaded, so it is loaded again, without the modules that it imports.
  await import(`${program}?${count}`);
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  process.stdout.removeAllListeners('error');
  await Promise.all(
    [process.stdout, process.stderr].map((out) => new Promise((done) => out.write(mark, done))),
  );
  process.send(code);
});
process.send('ready');
