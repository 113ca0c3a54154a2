import { Command } from 'commander';
import { MemoryError } from '../../model/errors.js';
import { openEngine, settingsOf } from '../settings.js';

/** `chat`: talks with the configured model, using the memory. */
export function chatCommand(): Command {
  return new Command('chat')
    .description('chat with the configured model, which uses the memory and adds to it')
    .option('--relationship <name>', 'role of the assistant', 'friend')
    .option('--style <hint>', 'style of its answers, such as "short and dry"')
    .addHelpText(
      'after',
      '\nCtrl-C stops an answer; pressed again, it ends the chat. /exit ends it, too.\n\nExample:\n  $ memoryos-mcp chat --config config.json\n  $ echo "What was my dog called?" | memoryos-mcp chat',
    )
    .action(async (options: { relationship: string; style?: string }, command: Command) => {
      const settings = await settingsOf(command);
      const { chatEndpoint } = await import('../../app/models/model-endpoint.js');
      if (chatEndpoint(settings.config) === null) {
        throw new MemoryError(
          'MODEL_MISSING',
          'chat needs a language model, and none is configured. Set openai_api_key in the configuration file or ' +
            'OPENAI_API_KEY in the environment, or openai_base_url for an endpoint that needs no key, such as ' +
            '"http://localhost:11434/v1" for Ollama. "memoryos-mcp init" writes a configuration.',
        );
      }
      const engine = await openEngine(settings);
      let leaving: Promise<void> | undefined;
      const leave = (): void => {
        leaving ??= engine.close().finally(() => process.exit(130));
      };
      try {
        const { chat } = await import('../chat.js');
        await chat({
          engine,
          input: process.stdin,
          output: process.stdout,
          relationshipWithUser: options.relationship,
          styleHint: options.style,
          onLeave: leave,
        });
      } finally {
        await (leaving ?? engine.close());
      }
    });
}
