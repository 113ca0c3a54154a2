/** The probability, from 0 to 1, for a natural logarithm of the odds. */
export function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
