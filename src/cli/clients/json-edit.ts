import jsonc from 'jsonc-parser';

/**
 * A JSON text, maybe with comments, with one value set, or removed (`undefined`). All other lines stay as they are. For
 * properties that are added or removed, `jsonc.modify` would move or delete comments beside them.
 */
export function withValue(text: string, path: readonly string[], value: unknown, eol: '\n' | '\r\n'): string {
  const root = jsonc.parseTree(text, [], { allowTrailingComma: true });
  const own = root && jsonc.findNodeAtLocation(root, [...path]);
  if (value === undefined) return own?.parent === undefined ? text : withoutProperty(text, own.parent);
  const place = own === undefined && root !== undefined ? placeFor(root, path, value) : null;
  if (place !== null) return withProperty(text, place, eol);
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol };
  return jsonc.applyEdits(text, jsonc.modify(text, [...path], value, { formattingOptions }));
}

/** A new last property of an object. */
interface NewProperty {
  readonly last: jsonc.Node;
  /** Position of the closing brace. */
  readonly closeAt: number;
  readonly key: string;
  readonly value: unknown;
}

/** The place for a value in the innermost object of its path; null if that object has no properties. */
function placeFor(root: jsonc.Node, path: readonly string[], value: unknown): NewProperty | null {
  const [key = '', ...rest] = path;
  const inner = rest.length === 0 ? undefined : jsonc.findNodeAtLocation(root, [key]);
  if (inner !== undefined) return placeFor(inner, rest, value);
  const last = root.children?.at(-1);
  if (root.type !== 'object' || last === undefined) return null;
  const whole = rest.reduceRight<unknown>((held, name) => ({ [name]: held }), value);
  return { last, closeAt: root.offset + root.length - 1, key, value: whole };
}

function withProperty(text: string, { last, closeAt, key, value }: NewProperty, eol: string): string {
  const lastEnd = last.offset + last.length;
  const hasComma = commaAfter(text, lastEnd) !== null;
  const contentEnd = text.slice(0, closeAt).trimEnd().length;
  const before = lineBefore(text, last.offset);
  const outer = /^\s*/.exec(before)?.[0] ?? '';
  const unit = outer.includes('\t') ? '\t' : '  ';
  const isOwnLine = before === outer;
  const indent = isOwnLine ? outer : `${outer}${unit}`;
  const entry = JSON.stringify(value, null, unit).replaceAll('\n', `${eol}${indent}`);
  const isClosedBelow = text.slice(contentEnd, closeAt).includes('\n');
  return [
    text.slice(0, lastEnd),
    hasComma ? '' : ',',
    text.slice(lastEnd, contentEnd),
    `${eol}${indent}${JSON.stringify(key)}: ${entry}${hasComma ? ',' : ''}`,
    isClosedBelow ? text.slice(contentEnd, closeAt) : `${eol}${isOwnLine ? '' : outer}`,
    text.slice(closeAt),
  ].join('');
}

/** Removes a property with its comma, and its line if nothing else is on it. Comments stay. */
function withoutProperty(text: string, property: jsonc.Node): string {
  const siblings = property.parent?.children ?? [];
  const before = siblings[siblings.indexOf(property) - 1];
  const propertyEnd = property.offset + property.length;
  const comma = commaAfter(text, propertyEnd);
  const end = comma === null ? propertyEnd : comma + 1;
  const isOwnLine =
    lineBefore(text, property.offset).trim() === '' && /^[^\S\n]*(?:\n|$)/.test(text.slice(end));
  const start = isOwnLine ? text.slice(0, property.offset).trimEnd().length : property.offset;
  // Without a comma after it, it was the last property, and the one before it loses its comma.
  const beforeEnd = before === undefined ? 0 : before.offset + before.length;
  const spare = comma === null && before !== undefined ? commaAfter(text, beforeEnd) : null;
  const kept = spare === null ? text.slice(0, start) : text.slice(0, spare) + text.slice(spare + 1, start);
  return kept + text.slice(end);
}

/** Position of the comma that comes next, apart from space and comments; null if something else comes next. */
function commaAfter(text: string, at: number): number | null {
  const scanner = jsonc.createScanner(text, true);
  scanner.setPosition(at);
  return scanner.scan() === commaToken ? scanner.getTokenOffset() : null;
}
/** `SyntaxKind.CommaToken`, which is a const enum and has no value at run time. */
const commaToken = 5;

/** The text between the beginning of a line and a position on it. */
function lineBefore(text: string, at: number): string {
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
}
