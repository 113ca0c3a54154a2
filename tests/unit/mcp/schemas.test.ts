import { Ajv } from 'ajv';
import { encode } from 'gpt-tokenizer';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeEngine } from '../../support/fake-engine.js';
import { type McpSession, mcpSession } from '../../support/mcp-session.js';
import { type Converted, toGemini, toOpenAiStrict } from '../../support/model-schemas.js';

let session: McpSession;
afterEach(() => session.close());

async function listed() {
  session = await mcpSession(fakeEngine({}));
  return (await session.client.listTools()).tools;
}

/** A value for every parameter of a schema. */
function example(schema: Readonly<Record<string, unknown>>): unknown {
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties as Record<string, Record<string, unknown>>).map(([name, one]) => [
          name,
          example(one),
        ]),
      );
    case 'array':
      return [example(schema.items as Record<string, unknown>)];
    case 'integer':
    case 'number':
      return 5;
    case 'boolean':
      return true;
    default:
      return Array.isArray(schema.enum) ? schema.enum[0] : 'a text';
  }
}

describe('the schemas of all tools', () => {
  it.each([
    ['strict functions of OpenAI', toOpenAiStrict],
    ['function declarations of Gemini', toGemini],
  ] as const)('become %s, and nothing is dropped', async (_, convert: (schema: never) => Converted) => {
    for (const tool of await listed()) {
      expect({ tool: tool.name, lost: convert(tool.inputSchema as never).lost }).toEqual({
        tool: tool.name,
        lost: [],
      });
      expect(JSON.stringify(tool)).not.toMatch(/\$schema|\$ref|\$defs/);
    }
  });

  it('accept the calls that models make: every parameter, or null for omitted ones', async () => {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true });
    for (const tool of await listed()) {
      const { schema } = toOpenAiStrict(tool.inputSchema);
      const valid = ajv.compile(schema);
      const whole = example(tool.inputSchema) as Record<string, unknown>;
      const required = new Set(tool.inputSchema.required);
      const least = Object.fromEntries(
        Object.entries(whole).map(([name, value]) => [name, required.has(name) ? value : null]),
      );
      expect(valid(whole), `${tool.name} with ${JSON.stringify(whole)}`).toBe(true);
      expect(valid(least), `${tool.name} with ${JSON.stringify(least)}`).toBe(true);
      // Only the engine of this test may refuse it, because the schema allows it.
      if (tool.name === 'forget_memory') continue;
      const result = await session.call(tool.name, least);
      expect(result._meta, tool.name).toEqual({ 'memoryos-mcp/code': 'INTERNAL' });
    }
  });

  it('contain no object without properties in outputs', async () => {
    for (const tool of await listed()) {
      const objects = JSON.stringify(tool.outputSchema).split('"type":"object"').length - 1;
      const withProperties =
        JSON.stringify(tool.outputSchema).split('"type":"object","properties":{"').length - 1;
      expect([tool.name, withProperties]).toEqual([tool.name, objects]);
    }
  });
});

describe('what a client loads at start', () => {
  it('costs at most 1,000 tokens without output schemas and 2,400 with them', async () => {
    const tools = await listed();
    const instructions = session.client.getInstructions() ?? '';
    const tokensOf = (list: readonly object[]) => encode(`${instructions}\n${JSON.stringify(list)}`).length;
    const bare = tools.map(({ outputSchema: _outputSchema, ...tool }) => tool);
    expect(tokensOf(bare)).toBeLessThanOrEqual(1000);
    expect(tokensOf(tools)).toBeLessThanOrEqual(2400);
  });
});
