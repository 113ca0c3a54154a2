import { recalledText } from '../text/recalled.js';
import { withinBytes } from '../text/within-bytes.js';
import { definePrompt } from './prompt.js';

export const recall = definePrompt({
  name: 'recall',
  title: 'Recall a topic',
  description: 'Adds the memories about a topic to the conversation.',
  arguments: [
    { name: 'topic', description: 'What to recall, such as "the trip to Lisbon".', required: true },
  ],
  async render({ topic }, session, signal) {
    const engine = await session.engine();
    const project = await session.project();
    const found = await engine.retrieve({ query: topic, project, signal });
    // Shorten the memories first, so that the instruction below them stays.
    const { answer } = withinBytes(found, session.answerBytesMax, 2);
    return {
      description: `Memories about: ${topic.slice(0, 100)}`,
      text: `${recalledText(answer)}\n\nUse these records, if they are relevant, to answer what I ask next about: ${topic}`,
    };
  },
});
