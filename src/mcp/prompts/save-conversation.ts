import { definePrompt } from './prompt.js';

export const saveConversation = definePrompt({
  name: 'save_conversation',
  title: 'Save this conversation',
  description: 'Asks the assistant to store the exchanges of this conversation that are not stored yet.',
  arguments: [
    {
      name: 'note',
      description: 'The purpose of the conversation, stored with every exchange.',
      required: false,
    },
  ],
  async render({ note }) {
    const meta =
      note === ''
        ? ''
        : `\n- Give every call meta_data ${JSON.stringify({ note })}, exactly as written here.`;
    return {
      description: 'Stores this conversation in the long-term memory.',
      text: `Store this conversation in the long-term memory now.\n- Call add_memory once for each exchange (one message of mine and your answer to it), oldest first. Skip exchanges that you have already stored.\n- user_input is my message and agent_response your answer, both in full and in their own words; do not summarise.\n- Omit timestamp unless you know when the exchange took place.${meta}\n- Do not store what I asked you not to remember, nor this request.\nThen tell me in one sentence how many exchanges you have stored.`,
    };
  },
});
