import type { LocomoConversation } from '../../src/cli/demo/locomo.js';
import paraphrases from './paraphrases.json' with { type: 'json' };

/** "tongues" has other languages than English. "work" and "team" are about work, "life" is not. */
export const pairKinds = Object.keys(paraphrases) as (keyof typeof paraphrases)[];

/** Exchanges of one kind, a day apart. Each has a question that it answers in other words or another language. */
export function paraphraseConversation(kind: keyof typeof paraphrases): LocomoConversation {
  const startMs = Date.UTC(2026, 0, 5, 9);
  const pairs = paraphrases[kind];
  return {
    id: kind,
    user: 'user',
    assistant: 'assistant',
    turns: pairs.length,
    pages: pairs.map(([said = ''], i) => ({
      user_input: said,
      agent_response: '',
      timestamp: new Date(startMs + i * 86_400_000).toISOString(),
      session: i + 1,
      dia_ids: [`D${i + 1}:1`],
    })),
    questions: pairs.map(([, question = ''], i) => ({
      question,
      answer: '',
      category: 4,
      evidence: [`D${i + 1}:1`],
    })),
  };
}

const subjects = [
  'the retry queue',
  'the invoice export',
  'the search box',
  'the image cache',
  'the login form',
  'the audit log',
  'the price import',
  'the mail templates',
] as const;
const codeCharacters = 5000;

/** A memory of software work. Each answer is 5 KB of explanation and code. */
export function codeConversation(): LocomoConversation {
  const startMs = Date.UTC(2026, 2, 2, 9);
  const pages = Array.from({ length: 40 }, (_, i) => {
    const subject = subjects[i % subjects.length] ?? '';
    return {
      user_input: `How do I change ${subject} so that step ${i} can be repeated?`,
      agent_response: codeAnswer(subject, i),
      timestamp: new Date(startMs + i * 3_600_000 * 5).toISOString(),
      session: i + 1,
      dia_ids: [`D${i + 1}:1`],
    };
  });
  return {
    id: 'code',
    user: 'user',
    assistant: 'assistant',
    turns: pages.length,
    pages,
    questions: subjects.map((subject, i) => ({
      question: `How did we make step ${i} of ${subject} repeatable?`,
      answer: '',
      category: 4,
      evidence: [`D${i + 1}:1`],
    })),
  };
}

function codeAnswer(subject: string, step: number): string {
  const name = subject.replace('the ', '').replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
  const lines = [`Keep what ${subject} has done so far, and skip it in step ${step}.`, '', '```ts'];
  for (let i = 0; lines.join('\n').length < codeCharacters; i++) {
    lines.push(
      `export async function ${name}${i}(entries: readonly Entry[], done: Set<string>): Promise<number> {`,
      `  const left = entries.filter((entry) => !done.has(\`${step}:\${entry.id}:${i}\`));`,
      `  for (const { id, size } of left) await write({ id, size: size * ${i + 2}, attempt: ${i} });`,
      '  return left.length;',
      '}',
      '',
    );
  }
  return [...lines, '```', `Then ${subject} can begin again at any step.`].join('\n');
}
