import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'vite';
import { command, needsNothing, wholeFrom } from './command.js';

const { functions: longest } = command({
  call: 'npm run figures --',
  about: 'Prints the files and lines of TypeScript of each folder of src, and the longest functions.',
  time: 'a second.',
  needs: needsNothing,
})
  .option('--functions <n>', 'number of functions', wholeFrom(0), 8)
  .parse()
  .opts<{ functions: number }>();

interface LongFunction {
  readonly lines: number;
  readonly where: string;
}

const rooms = new Map<string, { files: number; lines: number }>();
const functions: LongFunction[] = [];
for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  if (!/\.tsx?$/.test(name)) continue;
  const file = path.posix.join('src', name.replaceAll(path.sep, '/'));
  const text = readFileSync(file, 'utf8');
  const room = file.split('/').length > 2 ? (file.split('/')[1] ?? '') : path.posix.basename(file);
  const before = rooms.get(room) ?? { files: 0, lines: 0 };
  rooms.set(room, { files: before.files + 1, lines: before.lines + newlines(text) });
  functions.push(...functionsOf(file, text));
}

console.log('| folder | files | lines |\n|---|---:|---:|');
for (const [room, { files, lines }] of [...rooms].sort()) console.log(`| ${room} | ${files} | ${lines} |`);
console.log();
for (const { lines, where } of functions.sort((a, b) => b.lines - a.lines).slice(0, longest)) {
  console.log(`${String(lines).padStart(4)} lines  ${where}`);
}

function functionsOf(file: string, text: string): LongFunction[] {
  const found: LongFunction[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (isFunction(node)) {
      const line = newlines(text.slice(0, node.start)) + 1;
      found.push({ lines: newlines(text.slice(node.start, node.end)) + 1, where: `${file}:${line}` });
    }
    Object.values(node).forEach(visit);
  };
  visit(parseSync(file, text).program);
  return found;
}

function isFunction(node: object): node is { start: number; end: number } {
  return (
    'type' in node &&
    typeof node.type === 'string' &&
    /^(?:ArrowFunctionExpression|FunctionDeclaration|FunctionExpression)$/.test(node.type)
  );
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
