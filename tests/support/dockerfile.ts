/** One instruction of a Dockerfile, continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly args: string;
}

export function instructionsIn(dockerfile: string): Instruction[] {
  return dockerfile
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...args] = line.trim().split(' ');
      return { name, args: args.join(' ') };
    });
}

/** The variables that all its ENV instructions set. */
export function environmentIn(instructions: readonly Instruction[]): Record<string, string> {
  const pairs = instructions
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ args }) => args.split(' ').map((pair) => pair.split('=') as [string, string]));
  return Object.fromEntries(pairs);
}
