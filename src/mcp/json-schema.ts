import * as z from 'zod';
import type { JsonObject } from '../model/json.js';

export interface ObjectSchema {
  [key: string]: unknown;
  readonly type: 'object';
  readonly properties: Record<string, JsonObject>;
  readonly required?: string[];
}

/**
 * The JSON Schema of a tool's input or output. It uses only what every converter for a model keeps: types,
 * properties, lists of values, required properties, descriptions. Limits and defaults are in the descriptions
 * and are checked by this server. Objects stay open, because an output may gain fields.
 */
export function toJsonSchema(schema: z.ZodObject): ObjectSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Ids are custom schemas over a string.
      if (zodSchema._zod.def.type === 'custom' && jsonSchema.type === undefined) jsonSchema.type = 'string';
      for (const key of Object.keys(jsonSchema)) if (!kept.has(key)) delete jsonSchema[key];
    },
  });
  const { properties, required } = made;
  return {
    type: 'object',
    properties: properties as ObjectSchema['properties'],
    ...(required === undefined ? {} : { required }),
  };
}

const kept = new Set(['type', 'properties', 'required', 'items', 'enum', 'anyOf', 'description']);
