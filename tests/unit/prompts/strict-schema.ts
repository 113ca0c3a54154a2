import { expect } from 'vitest';

/** What OpenAI's strict mode wants: every object closed, every property required, no defaults. */
export function expectStrict(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema)
    expect(schema).toMatchObject({
      additionalProperties: false,
      required: Object.keys(schema.properties ?? {}),
    });
  expect(schema).not.toHaveProperty('default');
  expect(schema).not.toHaveProperty('$schema');
  for (const part of Object.values(schema)) expectStrict(part);
}
