/** Keys of the configuration. The tiers are small, so that migration, analysis and eviction happen all the time. */
export const soakSettings = {
  short_term_capacity: 10,
  mid_term_capacity: 40,
  long_term_knowledge_capacity: 50,
  mid_term_heat_threshold: 5,
};

const themes: readonly (readonly [theme: string, sentence: string])[] = [
  ['my garden', 'I planted tomatoes and beans behind the house.'],
  ['my sister Anna', 'She lives in Lisbon and works as a nurse.'],
  ['the violin', 'I practise the violin sonata every morning.'],
  ['my car', 'The gearbox of my red Volvo broke again.'],
  ['baking', 'My sourdough bread needs more rye flour.'],
  ['hiking', 'I love hiking in the Alps in autumn.'],
  ['chess', 'I lost a game of chess against my neighbour.'],
  ['astronomy', 'I saw the rings of Saturn with my telescope.'],
];

/** The n-th exchange of a writer. It begins with its name, so that it can be found and counted. */
export function exchange(name: string, n: number): { userInput: string; agentResponse: string } {
  const [theme, sentence] = themes[Math.floor(n / 5) % themes.length] ?? ['nothing', ''];
  return {
    userInput: `Note ${name}x${n} about ${theme}. ${sentence}`,
    agentResponse: `Noted what you told me about ${theme}.`,
  };
}
