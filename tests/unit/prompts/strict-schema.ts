import { expect } from 'vitest';

/** The rules of OpenAI's strict mode: every object is closed, every property is required, no defaults. */
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
