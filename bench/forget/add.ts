import { createFileStore } from '../../src/adapters/files/file-store.js';
import { newPageId, toAssistantId, toUserId } from '../../src/model/ids.js';
import { sentence } from '../backlog/sentences.js';

const [dataDir = ''] = process.argv.slice(2);
const store = await createFileStore({ dataDir }).open(toUserId('bench'));
for (let index = 0; ; index += 1) {
  const page = {
    id: newPageId(Date.now()),
    user_input: sentence(index),
    agent_response: sentence(index + 1),
    timestamp: new Date().toISOString(),
    meta_data: {},
    assistant_id: toAssistantId('bench'),
    chain_id: null,
    meta_info: '',
    analysed: false,
    read: false,
  };
  await store.transact(() => [{ op: 'page_added', page, segment_id: null }]);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
