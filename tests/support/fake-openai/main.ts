import { parseArgs } from 'node:util';
import { type DialectName, dialects } from './dialects.js';
import { misbehaviours, toMisbehaviour } from './misbehaviour.js';
import { startFakeOpenAi } from './server.js';

const help = `An OpenAI-compatible server that needs no model: npm run fake-llm -- [options]

  --port <n>             default 8011
  --misbehave <list>     for the next completions, one each: 429,stall,fenced
  --always <one>         for all completions after those
  --dialect <name>       behave like: ${Object.keys(dialects).join(', ')}
  --completion-ms <n>    every completion takes that long

Misbehaviours:
${Object.entries(misbehaviours)
  .map(([name, what]) => `  ${name.padEnd(20)} ${what}`)
  .join('\n')}

Example: npm run fake-llm -- --misbehave 429,invalid-json --completion-ms 2000
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8011' },
    misbehave: { type: 'string', default: '' },
    always: { type: 'string' },
    dialect: { type: 'string', default: 'openai' },
    'completion-ms': { type: 'string', default: '0' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

function toDialect(name: string): DialectName {
  const known = (Object.keys(dialects) as DialectName[]).find((dialect) => dialect === name);
  if (known === undefined)
    throw new Error(`no such dialect: ${name}. There are: ${Object.keys(dialects).join(', ')}`);
  return known;
}

try {
  const fake = await startFakeOpenAi({
    port: Number(values.port),
    dialect: toDialect(values.dialect),
    completionMs: Number(values['completion-ms']),
    onRequest: ({ kind, path, task, misbehaviour, status }) => {
      const how = misbehaviour === null ? '' : `  misbehaving: ${misbehaviour}`;
      process.stderr.write(`${new Date().toISOString()}  ${kind} ${path}  ${task ?? '-'}  ${status}${how}\n`);
    },
  });
  fake.misbehave(...values.misbehave.split(',').filter(Boolean).map(toMisbehaviour));
  if (values.always !== undefined) fake.misbehaveAlways(toMisbehaviour(values.always));
  const config = {
    openai_api_key: 'fake-key',
    openai_base_url: fake.baseUrl,
    llm_model: 'fake-model',
    embedding_model_name: 'text-embedding-fake',
  };
  process.stderr.write(
    `Listening. Put this into your config.json (Ctrl-C ends it; --help shows what it can do wrong):\n`,
  );
  process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
  process.once('SIGINT', () => void fake.stop().then(() => process.exit(0)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
