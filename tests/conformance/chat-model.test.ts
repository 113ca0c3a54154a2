import { createOpenAiChat } from '../../src/adapters/openai/chat-model.js';
import { type DialectName, dialects } from '../support/fake-openai/dialects.js';
import { startFakeOpenAi } from '../support/fake-openai/server.js';
import type { FakeTask } from '../support/fake-openai/tasks.js';
import { describeChatModel, repeatLine } from './chat-model-suite.js';

export const repeatTask: FakeTask = {
  name: 'repeat',
  line: repeatLine,
  answer: (messages) => (messages.at(-1)?.content ?? '').replace(/^Repeat[\s\S]*\n\n/, ''),
};

for (const dialect of Object.keys(dialects) as DialectName[])
  describeChatModel({
    name: `openai package with an endpoint like ${dialect}`,
    create: async () => {
      const options = { dialect, tasks: [repeatTask] };
      const fake = await startFakeOpenAi(options);
      const slow = await startFakeOpenAi({ ...options, completionMs: 20_000 });
      const at = (baseUrl: string) => createOpenAiChat({ baseUrl, model: 'fake-model', apiKey: 'fake-key' });
      return {
        model: at(fake.baseUrl),
        slowModel: at(slow.baseUrl),
        close: async () => {
          await Promise.all([fake.stop(), slow.stop()]);
        },
      };
    },
  });
