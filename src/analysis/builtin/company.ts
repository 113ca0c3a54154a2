import type { Page } from '../../model/page.js';

interface Sign {
  readonly pattern: RegExp;
  /** Share of the responses of assistants that match, and of those of people (LoCoMo and REALTALK). */
  readonly assistant: number;
  readonly person: number;
}

/** People speak of themselves and of what they did; assistants seldom do. */
const signs: readonly Sign[] = [
  {
    pattern:
      /\b(?:my|mine|our|ours|we|us)\b|\bI(?:['’]ve| have)? (?:\w+ly |just |also )?(?:\w+ed|was|had|went|got|made|took|saw|did|been|came|found|felt|love|like|enjoy|miss)\b/i,
    assistant: 0.1,
    person: 0.45,
  },
  { pattern: /\bI\b/i, assistant: 0.15, person: 0.55 },
];

/** Probability that the other side is a person, before any response is read. */
const personPrior = 0.05;
/** Number of latest responses that are judged. */
const responsesMax = 13;

/**
 * Whether the user talks with another person, as in an imported chat, and not with an assistant, judged by the latest
 * responses (naive Bayes).
 */
export function isAmongPeople(pages: readonly Page[]): boolean {
  let logOdds = Math.log(personPrior / (1 - personPrior));
  for (const { agent_response: response } of pages.slice(-responsesMax)) {
    for (const { pattern, assistant, person } of signs) {
      const [ofPerson, ofAssistant] = pattern.test(response)
        ? [person, assistant]
        : [1 - person, 1 - assistant];
      logOdds += Math.log(ofPerson / ofAssistant);
    }
  }
  return logOdds > 0;
}
