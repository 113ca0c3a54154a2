import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';

/** `demo`: sends a server ten days of conversation and shows what it remembers. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('send a server ten days of conversation, offline, and see what it remembers')
    .option('--locomo <file>', 'use a conversation of a LoCoMo file instead')
    .option('--conversation <n>', 'index of the conversation in that file, from 0', fromZero, 0)
    .addHelpText(
      'after',
      '\nThe data is kept in a temporary folder and removed at the end, unless --data names a folder.\n' +
        '\nExample:\n  $ memoryos-mcp demo\n  $ memoryos-mcp demo --data ./demo-memory   and then: memoryos-mcp inspect --data ./demo-memory --user demo',
    )
    .action(async (options: { locomo?: string; conversation: number }, command: Command) => {
      const [{ runDemo }, { locomoStory, writtenStory }] = await Promise.all([
        import('../demo/run-demo.js'),
        import('../demo/story.js'),
      ]);
      const given: unknown = command.optsWithGlobals().data;
      const dataDir = typeof given === 'string' ? path.resolve(given) : undefined;
      const story =
        options.locomo === undefined
          ? await writtenStory()
          : await locomoStory(options.locomo, options.conversation);
      const passed = await runDemo(story, { dataDir, brief: options.locomo !== undefined });
      if (!passed) process.exitCode = 1;
    });
}

function fromZero(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('It must be a whole number of at least 0.');
  }
  return value;
}
