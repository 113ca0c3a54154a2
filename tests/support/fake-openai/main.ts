import { InvalidArgumentError, Option } from 'commander';
import { command, needsNothing, wholeFrom } from '../../../scripts/command.js';
import { type DialectName, dialects } from './dialects.js';
import { type Misbehaviour, misbehaviours, toMisbehaviour } from './misbehaviour.js';
import { startFakeOpenAi } from './server.js';

const { port, misbehave, always, dialect, completionMs } = command({
  call: 'npm run fake-llm --',
  about: `Serves the API of OpenAI without a model. A misbehaviour is one of:
${Object.entries(misbehaviours)
  .map(([name, what]) => `${name}: ${what}`)
  .join('\n')}`,
  time: 'until Ctrl-C.',
  needs: needsNothing,
})
  .option('--port <n>', 'port to listen on', wholeFrom(0), 8011)
  .option('--misbehave <name,...>', 'misbehave so in the next completions, one each', misbehavioursIn, [])
  .option('--always <name>', 'misbehave so in all completions after those', misbehaviourOf)
  .addOption(
    new Option('--dialect <name>', 'behave like this server')
      .choices(Object.keys(dialects))
      .default('openai'),
  )
  .option('--completion-ms <n>', 'time of every completion', wholeFrom(0), 0)
  .addHelpText('after', '\nExample: npm run fake-llm -- --misbehave 429,invalid-json --completion-ms 2000')
  .parse()
  .opts<{
    port: number;
    misbehave: Misbehaviour[];
    always?: Misbehaviour;
    dialect: DialectName;
    completionMs: number;
  }>();

function misbehavioursIn(list: string): Misbehaviour[] {
  return list.split(',').map(misbehaviourOf);
}

function misbehaviourOf(text: string): Misbehaviour {
  try {
    return toMisbehaviour(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

try {
  const fake = await startFakeOpenAi({
    port,
    dialect,
    completionMs,
    onRequest: ({ kind, path, task, misbehaviour, status }) => {
      const how = misbehaviour === null ? '' : `  misbehaving: ${misbehaviour}`;
      process.stderr.write(`${new Date().toISOString()}  ${kind} ${path}  ${task ?? '-'}  ${status}${how}\n`);
    },
  });
  fake.misbehave(...misbehave);
  if (always !== undefined) fake.misbehaveAlways(always);
  const config = {
    openai_api_key: 'fake-key',
    openai_base_url: fake.baseUrl,
    llm_model: 'fake-model',
    embedding_model_name: 'text-embedding-fake',
  };
  process.stderr.write('The server listens until Ctrl-C. Put this into your config.json:\n');
  process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
  process.once('SIGINT', () => void fake.stop().then(() => process.exit(0)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
