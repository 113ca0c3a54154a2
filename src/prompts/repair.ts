const shownCharactersMax = 4_000;

/** Continues the conversation with the model after an unusable answer. */
export function repairTurn(
  answer: string,
  problem: string,
): { readonly assistant: string; readonly user: string } {
  return {
    assistant: answer.slice(0, shownCharactersMax).toWellFormed(),
    user: `That answer cannot be used: ${problem}. Send the whole answer again, corrected, as JSON only.`,
  };
}
