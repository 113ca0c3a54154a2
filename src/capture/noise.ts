/** Longer code blocks are shortened: the memory needs what the code does, not every line. */
const blockLinesMax = 24;
const blockLinesKept = 12;
const sideCharactersMax = 16_000;

/** Tags in which clients add text to the user's prompt. */
const clientTags = [
  'system-reminder',
  'system_reminder',
  'local-command-stdout',
  'local-command-stderr',
  'local-command-caveat',
  'command-message',
  'command-name',
  'command-args',
  'ide_opened_file',
  'ide_selection',
  'environment_context',
  'environment_details',
  'user_instructions',
  'additional_data',
  'attached_files',
  'open_and_recently_viewed_files',
  // Gemini CLI puts the context of a hook before the user's words.
  'hook_context',
];
/** Tags in which some clients put the user's own words. */
const userTags = ['user_query', 'task', 'feedback', 'user_message'];

/** The user's own words, without what the client added; '' when nothing is left. */
export function ownWords(prompt: string): string {
  const plain = clientTags.reduce(withoutTag, prompt).trim();
  for (const tag of userTags) {
    const open = `<${tag}>`;
    const end = plain.lastIndexOf(`</${tag}>`);
    const start = plain.indexOf(open);
    if (start === 0 && end > start) return shortened(plain.slice(open.length, end).trim());
  }
  return shortened(plain);
}

/** Removes every `<tag …>…</tag>`. An unclosed tag stays. */
function withoutTag(text: string, tag: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let open = text.indexOf(`<${tag}`); open !== -1; open = text.indexOf(`<${tag}`, from)) {
    const close = `</${tag}>`;
    const end = text.indexOf(close, open);
    if (end === -1) break;
    kept.push(text.slice(from, open));
    from = end + close.length;
  }
  return from === 0 ? text : kept.join('') + text.slice(from);
}

/** Shortens long code, diffs and output in an answer and keeps the prose. */
export function withoutNoise(answer: string): string {
  const kept: string[] = [];
  let block: { fence: string; lines: string[] } | null = null;
  for (const line of answer.split(/\r?\n/)) {
    const [, fence] = /^\s*(`{3,}|~{3,})/.exec(line) ?? [];
    if (block === null) {
      if (fence !== undefined) block = { fence, lines: [] };
      kept.push(line);
    } else if (fence?.startsWith(block.fence)) {
      kept.push(...cut(block.lines), line);
      block = null;
    } else {
      block.lines.push(line);
    }
  }
  if (block !== null) kept.push(...cut(block.lines));
  return shortened(kept.join('\n').trim());
}

function cut(lines: readonly string[]): string[] {
  if (lines.length <= blockLinesMax) return [...lines];
  return [...lines.slice(0, blockLinesKept), `… ${lines.length - blockLinesKept} lines omitted …`];
}

/** The beginning and the end of a long text, where question and result usually are. */
function shortened(text: string): string {
  if (text.length <= sideCharactersMax) return text;
  const half = sideCharactersMax / 2;
  const left = text.length - 2 * half;
  return `${text.slice(0, half)}\n… ${left} characters omitted …\n${text.slice(-half)}`.toWellFormed();
}
