const leastCharacters = 160;
const unitCharactersMax = 400;
const timesMin = 4;

/**
 * Whether a text ends with the same words repeated at least four times, over at least 160 characters. The
 * output of a language model that is stuck in a loop looks like this.
 */
export function repeatsItself(text: string): boolean {
  const tail = text.slice(-unitCharactersMax * timesMin);
  for (let unit = 1; unit <= Math.min(unitCharactersMax, Math.floor(tail.length / timesMin)); unit += 1) {
    const times = Math.max(timesMin, Math.ceil(leastCharacters / unit));
    const length = unit * times;
    if (length > tail.length) continue;
    const end = tail.slice(-length);
    // A text with period `unit` equals itself shifted by `unit`.
    if (end.slice(unit) === end.slice(0, -unit)) return true;
  }
  return false;
}
