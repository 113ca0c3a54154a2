import { recalledText } from '../text/recalled.js';
import { definePrompt } from './prompt.js';

export const recall = definePrompt({
  name: 'recall',
  title: 'Recall a topic',
  description: 'Puts what is remembered about a topic into the conversation, ready to be read.',
  arguments: [
    { name: 'topic', description: 'What to recall, such as "the trip to Lisbon".', required: true },
  ],
  async render({ topic }, session, signal) {
    const engine = await session.engine();
    const found = await engine.retrieve({ query: topic, project: await session.project(), signal });
    return {
      description: `What is remembered about: ${topic.slice(0, 100)}`,
      text: `${recalledText(found)}\n\nUse these records, where they fit, for what I ask next about: ${topic}`,
    };
  },
});
