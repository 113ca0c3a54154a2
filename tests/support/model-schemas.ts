/** JSON Schemas as clients convert them for the APIs of models. Each converter lists the parts that it must drop. */

type Schema = Readonly<Record<string, unknown>>;

export interface Converted {
  readonly schema: Schema;
  /** Paths of keywords that the target does not know, and of objects that it refuses. */
  readonly lost: readonly string[];
}

/** Every parameter is required, and may be null if it was optional. No other properties, only known keywords. */
export function toOpenAiStrict(schema: Schema): Converted {
  return convert(schema, {
    keywords: ['type', 'properties', 'required', 'items', 'enum', 'anyOf', 'description'],
    object: (made, optional) => ({
      ...made,
      required: Object.keys(made.properties as object),
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries(made.properties as Record<string, Schema>).map(([name, one]) => [
          name,
          optional.has(name) ? { ...one, type: [one.type, 'null'] } : one,
        ]),
      ),
    }),
  });
}

/** The Schema object of the Gemini API: types in capitals, no objects without properties, no unions of types. */
export function toGemini(schema: Schema): Converted {
  return convert(schema, {
    keywords: ['type', 'properties', 'required', 'items', 'enum', 'anyOf', 'description'],
    object: (made) => made,
    type: (type) => type.toUpperCase(),
  });
}

interface Target {
  readonly keywords: readonly string[];
  readonly object: (made: Schema, optional: ReadonlySet<string>) => Schema;
  readonly type?: (type: string) => string;
}

function convert(schema: Schema, target: Target, path = '$', lost: string[] = []): Converted {
  const made: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!target.keywords.includes(keyword)) lost.push(`${path}.${keyword}`);
    else made[keyword] = value;
  }
  if (typeof schema.type !== 'string') lost.push(`${path}.type`);
  if (schema.items !== undefined) {
    made.items = convert(schema.items as Schema, target, `${path}.items`, lost).schema;
  }
  if (schema.type === 'array' && schema.items === undefined) lost.push(`${path}.items is missing`);
  if (typeof schema.type === 'string' && target.type !== undefined) made.type = target.type(schema.type);
  if (schema.type !== 'object') return { schema: made, lost };
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  if (properties.length === 0) lost.push(`${path} has no properties`);
  const required = new Set((schema.required ?? []) as string[]);
  const optional = new Set(properties.map(([name]) => name).filter((name) => !required.has(name)));
  made.properties = Object.fromEntries(
    properties.map(([name, one]) => [name, convert(one, target, `${path}.${name}`, lost).schema]),
  );
  return { schema: target.object(made, optional), lost };
}
