import { describe, expect, it } from 'vitest';
import {
  command,
  conversationFile,
  conversationFiles,
  numberFrom,
  wholeFrom,
  wholeNumbers,
} from '../../../scripts/command.js';

function parsed(...words: string[]) {
  return command({ call: 'npm run bench:x --', about: 'Measures x.', time: 'a minute.', needs: 'nothing.' })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addOption(conversationFiles(false))
    .option('--share <n>', 'a share', numberFrom(0.5))
    .option('--runs <n>', 'runs', wholeFrom(1), 3)
    .option('--sizes <n,...>', 'sizes', wholeNumbers)
    .parse(words, { from: 'user' })
    .opts();
}

describe('the command line of a benchmark', () => {
  it('parses numbers, lists of numbers and files', () => {
    expect(parsed()).toEqual({ runs: 3 });
    expect(parsed('--share', '0.5', '--runs', '7', '--sizes', '10,200')).toEqual({
      share: 0.5,
      runs: 7,
      sizes: [10, 200],
    });
    expect(parsed('--data', 'package.json', '--data', 'README.md', 'LICENSE').data).toEqual([
      'package.json',
      'README.md',
      'LICENSE',
    ]);
  });

  it.each([
    ['--share', '0.4', 'a number of at least 0.5'],
    ['--share', ' ', 'a number of at least 0.5'],
    ['--runs', '1.5', 'a whole number of at least 1'],
    ['--runs', 'many', 'a number of at least 1'],
    ['--sizes', '10,,20', 'a number of at least 1'],
    ['--data', 'no-such.json', '"Data" in docs/benchmarks.md'],
  ])('refuses %s %j and says what it takes', (option, value, message) => {
    expect(() => parsed(option, value)).toThrow(message);
  });

  it('refuses to run without a file of conversations that it needs', () => {
    const needing = command({ call: 'x', about: '', time: '', needs: '' })
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .addOption(conversationFile());
    expect(() => needing.parse([], { from: 'user' })).toThrow("required option '--data <file>'");
  });
});
