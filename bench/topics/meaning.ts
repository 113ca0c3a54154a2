import type { LocomoConversation } from '../../src/cli/demo/locomo.js';
import { dot } from '../../src/lib/math/vectors.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';

const model = new SentenceModel();
const none = new Float32Array();

/** The similarity of two pages of a conversation by meaning, given their places in it. */
export async function meaningOf(
  conversation: LocomoConversation,
): Promise<{ alike(a: number, b: number): number }> {
  const texts = conversation.pages.map((page) => `${page.user_input}\n${page.agent_response}`);
  const vectors = (await model.readTexts(texts)).map(({ vector }) => vector);
  return { alike: (a, b) => dot(vectors[a] ?? none, vectors[b] ?? none) };
}
