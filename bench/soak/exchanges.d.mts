export const soakSettings: Readonly<Record<string, number>>;
export function exchange(name: string, n: number): { userInput: string; agentResponse: string };
