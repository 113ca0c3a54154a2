const leastCharacters = 160;
const unitCharactersMax = 400;
const timesMin = 4;

/**
 * Whether a text ends in the same words again and again, as that of a language model does that has lost its way: four
 * times and more, over 160 characters at least.
 */
export function repeatsItself(text: string): boolean {
  const tail = text.slice(-unitCharactersMax * timesMin);
  for (let unit = 1; unit <= Math.min(unitCharactersMax, Math.floor(tail.length / timesMin)); unit += 1) {
    const times = Math.max(timesMin, Math.ceil(leastCharacters / unit));
    const length = unit * times;
    if (length > tail.length) continue;
    const end = tail.slice(-length);
    // A text of period `unit` equals itself, moved by it.
    if (end.slice(unit) === end.slice(0, -unit)) return true;
  }
  return false;
}
