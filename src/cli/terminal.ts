import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Applies colours only on a terminal, and not when NO_COLOR is set. */
export function styled(stream: { readonly isTTY?: boolean }, style: Style, text: string): string {
  const wanted = stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return wanted ? styleText(style, text) : text;
}

/** Formats rows as aligned columns; numbers are right-aligned. The last column may have any width. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  stream: { readonly isTTY?: boolean } = process.stdout,
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, column) => {
        const text = String(cell);
        if (column === head.length - 1) return text;
        return typeof cell === 'number'
          ? text.padStart(widths[column] ?? 0)
          : text.padEnd(widths[column] ?? 0);
      })
      .join('  ')
      .trimEnd();
  return [styled(stream, 'bold', line(head)), ...rows.map(line)].join('\n');
}

/** A bar for a share from 0 to 1. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '';
  return `${'█'.repeat(Math.floor(eighths / 8))}${rest}`.padEnd(width);
}

/** The beginning of a text on one line, without control characters that a terminal would execute. */
export function excerpt(text: string, characters: number): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
  const points = [...line];
  return points.length <= characters ? line : `${points.slice(0, characters - 1).join('')}…`;
}

/**
 * Wraps a text behind a label; later lines are indented to the label's width. Words longer than a line are
 * cut.
 */
export function wrapped(label: string, text: string, columns: number): string {
  const room = columns - label.length;
  const lines: string[] = [];
  let line = '';
  for (const word of excerpt(text, Number.POSITIVE_INFINITY).split(' ')) {
    const points = [...word];
    for (let at = 0; at === 0 || at < points.length; at += room) {
      const piece = points.slice(at, at + room).join('');
      if (line !== '' && [...line].length + 1 + [...piece].length > room) {
        lines.push(line);
        line = '';
      }
      line = line === '' ? piece : `${line} ${piece}`;
    }
  }
  return [...lines, line].map((one, i) => `${i === 0 ? label : ' '.repeat(label.length)}${one}`).join('\n');
}

/** `2026-03-04 17:05` of an instant. */
export function day(instant: string | null): string {
  return instant === null ? '' : instant.slice(0, 16).replace('T', ' ');
}
