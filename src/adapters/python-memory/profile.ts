import {
  type ProfileGroup,
  profileDimensions,
  profileGroups,
  type Trait,
  traitKey,
} from '../../model/profile.js';
import { isNoText, leaveOut, type PythonNotes } from './report.js';

const linePattern =
  /^(?<name>[\p{L}][\p{L} -]+?)\s*[:：(（[–—-]+\s*(?:Level\s*[:：(（]?\s*)?(?<level>High|Medium|Low)\b(?<rest>.*)$/iu;

const dimensions = new Map<string, { group: ProfileGroup; dimension: string }>(
  profileGroups.flatMap((group) =>
    profileDimensions[group].map((dimension) => [dimension.toLowerCase(), { group, dimension }] as const),
  ),
);

/**
 * Reads the traits of a profile text: lines with a dimension and one level, followed by the reason. The
 * Python server asks its model for `Dimension ( Level(High/Medium/Low) )` and a reason. Other lines are
 * skipped and noted.
 */
export function traitsFrom(text: string, updatedAt: string, where: string, notes: PythonNotes): Trait[] {
  if (isNoText(text)) {
    if (text.trim() !== '' && !/^none\.?$/i.test(text.trim())) {
      leaveOut(notes, where, 'an error message stands in place of the profile', text);
    }
    return [];
  }
  const traits = new Map<string, Trait>();
  const others: string[] = [];
  let last: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    const plain = plainLine(line);
    const found = traitOf(plain, updatedAt);
    const before = last === null ? undefined : traits.get(last);
    if (found !== null) {
      last = traitKey(found);
      traits.set(last, found);
    } else if (last !== null && before !== undefined && plain !== '' && /^\s/.test(line)) {
      traits.set(last, { ...before, reason: joinedReason(before.reason, plain) });
    } else {
      last = null;
      if (plain !== '') others.push(line.trim());
    }
  }
  if (others.length > 0) {
    leaveOut(notes, where, 'no dimension of the profile with one level', others.join('\n'));
  }
  return [...traits.values()];
}

const noReason = '(no reason was given)';

function traitOf(plain: string, updatedAt: string): Trait | null {
  const { name, level, rest } = linePattern.exec(plain)?.groups ?? {};
  const known = dimensions.get(name?.trim().toLowerCase() ?? '');
  if (known === undefined || level === undefined || rest === undefined) return null;
  // "High/Medium/Low" and "Medium to High" are not one level.
  if (/^\s*(?:[/-]|to\b|or\b)\s*(?:High|Medium|Low)/i.test(rest)) return null;
  const reason = rest.replace(/^[\s)）\]]*[:：.,;–—-]*\s*/, '').replace(/^reason(?:ing)?\s*[:：]\s*/i, '');
  return {
    ...known,
    level: level.toLowerCase() === 'high' ? 'High' : level.toLowerCase() === 'low' ? 'Low' : 'Medium',
    reason: reason === '' ? noReason : reason,
    page_ids: [],
    updated_at: updatedAt,
    analysed_by: 'python-memoryos',
  };
}

function joinedReason(reason: string, line: string): string {
  const more = line.replace(/^reason(?:ing)?\s*[:：]\s*/i, '');
  return reason === noReason ? more : `${reason} ${more}`;
}

/** Removes the marks of lists, headings and bold type. */
function plainLine(line: string): string {
  return line
    .replace(/[*_`#]/g, '')
    .replace(/^\s*(?:[-•]|\d+[.)])\s*/, '')
    .replace(/[[\]【】]/g, ' ')
    .trim()
    .toWellFormed();
}
