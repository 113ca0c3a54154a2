import { writeSync } from 'node:fs';
import { createFileStore } from '../../../src/adapters/files/file-store.js';
import { createOpenAiChat } from '../../../src/adapters/openai/chat-model.js';
import { type Files, nodeFiles } from '../../../src/lib/io/files.js';
import { toUserId } from '../../../src/model/ids.js';
import type { ChatModel } from '../../../src/ports/chat-model.js';
import { engineOverHttp } from '../engine-over-http.js';
import { toldExchanges } from '../watched-memory.js';

/** The moment when this process kills itself: `<when>:<operation>` or `answered:<n>`. */
const [dataDir = '', baseUrl = '', moment = ''] = process.argv.slice(2);
const [when, which = ''] = moment.split(':');
const die = () => process.kill(process.pid, 'SIGKILL');

/** The process ends when the n-th answer of the model arrives. */
function dyingModel(): ChatModel {
  const model = createOpenAiChat({ baseUrl, model: 'fake-model', apiKey: 'fake-key' });
  let answers = 0;
  return {
    model: model.model,
    usage: () => model.usage(),
    stream: (request) => model.stream(request),
    async complete(request) {
      const answer = await model.complete(request);
      answers += 1;
      if (when === 'answered' && answers === Number(which)) die();
      return answer;
    },
  };
}

/** The process ends around the write with the operation: before it, after half of it, after all of it, or after its sync. */
const dyingFiles: Files = {
  ...nodeFiles,
  async open(path, mode) {
    const file = await nodeFiles.open(path, mode);
    let doomed = false;
    return {
      size: () => file.size(),
      close: () => file.close(),
      truncate: (length) => file.truncate(length),
      read: (into, position) => file.read(into, position),
      async write(data, position) {
        doomed ||= Buffer.from(data).includes(`"${which}"`);
        if (doomed && when === 'before-write') die();
        const part = doomed && when === 'half-written' ? data.subarray(0, Math.floor(data.length / 2)) : data;
        const written = await file.write(part, position);
        if (doomed && (when === 'half-written' || when === 'written')) die();
        return written;
      },
      async sync() {
        await file.sync();
        if (doomed && when === 'synced') die();
      },
    };
  },
};

const store = await createFileStore({ dataDir, files: dyingFiles }).open(toUserId('alice'));
const engine = await engineOverHttp({
  fake: { baseUrl },
  store,
  settings: { heatMin: 1 },
  parts: { chatModel: dyingModel() },
});
for (const [userInput, agentResponse] of toldExchanges) {
  await engine.add({ userInput, agentResponse });
  writeSync(1, `${userInput}\n`);
}
await engine.flush();
writeSync(1, 'survived\n');
await engine.close();
