import { z } from 'zod';
import { jsonObjectSchema } from '../model/page.js';

/** Any JSON object; written as such instead of as a recursive schema. */
const anyObject: unknown = jsonObjectSchema;

export interface ObjectSchema {
  [key: string]: unknown;
  type: 'object';
}

/**
 * The JSON Schema of a tool's input or output, in the words all dialects share, so that validators of draft 7
 * and of 2020-12 take it alike. Objects stay open: an output may gain fields.
 */
export function toJsonSchema(schema: z.ZodType): ObjectSchema {
  const {
    $schema: _dialect,
    $defs: _shared,
    ...rest
  } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === anyObject) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
        jsonSchema.type = 'object';
        jsonSchema.additionalProperties = true;
      }
      // Ids are custom schemas over a text.
      if (zodSchema._zod.def.type === 'custom' && jsonSchema.type === undefined) jsonSchema.type = 'string';
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      delete jsonSchema.propertyNames;
    },
  });
  return { ...rest, type: 'object' };
}
