import * as z from 'zod';
import { jsonObjectSchema } from '../model/page.js';
import type { Route } from './route.js';

type JsonSchema = Record<string, unknown>;

/** The OpenAPI 3.1 description of the API, generated from the schemas that check its requests. */
export function openApiOf(routes: readonly Route[], version: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    const operations = paths[route.path] ?? {};
    operations[route.method] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'memoryos-mcp', version, description: 'The memory of the user who is signed in.' },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { cookie: [] }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'memoryos_session',
          description: 'Set at sign-in. Requests that change something also need the header X-MemoryOS: 1.',
        },
      },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message'],
              properties: { code: { type: 'string' }, message: { type: 'string' } },
            },
          },
        },
      },
    },
    paths,
  };
}

function operationOf(route: Route): JsonSchema {
  const input = jsonSchemaOf(route.input, 'input');
  const properties = (input.properties ?? {}) as Record<string, JsonSchema>;
  const required = new Set((input.required ?? []) as string[]);
  const inPath = new Set([...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''));
  const names = Object.keys(properties);
  const parameterNames = route.method === 'get' ? names : names.filter((name) => inPath.has(name));
  const bodyNames = route.method === 'get' ? [] : names.filter((name) => !inPath.has(name));
  return {
    summary: route.summary,
    security: [{ token: [route.scope] }, { cookie: [route.scope] }],
    parameters: parameterNames.map((name) => ({
      name,
      in: inPath.has(name) ? 'path' : 'query',
      required: inPath.has(name) || required.has(name),
      schema: properties[name],
    })),
    ...(bodyNames.length > 0 && {
      requestBody: {
        required: bodyNames.some((name) => required.has(name)),
        content: {
          'application/json': {
            schema: {
              type: 'object',
              properties: Object.fromEntries(bodyNames.map((name) => [name, properties[name]])),
              required: bodyNames.filter((name) => required.has(name)),
            },
          },
        },
      },
    }),
    responses: {
      200: {
        description: 'Done.',
        content: { 'application/json': { schema: jsonSchemaOf(route.output, 'output') } },
      },
      default: {
        description: 'Not done.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

const anyObject: unknown = jsonObjectSchema;

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === anyObject) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
        jsonSchema.type = 'object';
      }
      // Ids are custom schemas over a string.
      if (zodSchema._zod.def.type === 'custom' && jsonSchema.type === undefined) jsonSchema.type = 'string';
    },
  });
  return rest;
}
