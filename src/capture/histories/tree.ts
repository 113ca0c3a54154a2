import type { HistoryReport } from './history.js';

/** A message of a conversation with branches. An edited or regenerated message has siblings. */
export interface TreeMessage {
  readonly id: string;
  readonly parent: string | null;
  readonly role: 'user' | 'agent' | 'other';
  /** '' when the message has no text to keep. */
  readonly text: string;
  readonly at: string | null;
}

/** A message of the user with the chosen answer. */
export interface TreeExchange {
  readonly id: string;
  readonly userInput: string;
  readonly agentResponse: string;
  readonly at: string | null;
}

/**
 * Every message of the user, on any branch, with one answer: the one on the branch that ends at `current`,
 * otherwise the last one. Other answers to the same message are reported. In the order of time, as far as
 * times are known.
 */
export function exchangesOf(
  messages: readonly TreeMessage[],
  current: string | null,
  report: Pick<HistoryReport, 'leaveOut'>,
): TreeExchange[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const children = new Map<string | null, TreeMessage[]>();
  for (const message of messages) {
    const parent = message.parent !== null && byId.has(message.parent) ? message.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), message]);
  }
  const onBranch = new Set<string>();
  for (
    let at = byId.get(current ?? '');
    at !== undefined && !onBranch.has(at.id);
    at = byId.get(at.parent ?? '')
  ) {
    onBranch.add(at.id);
  }
  const exchanges: TreeExchange[] = [];
  const seen = new Set<string>();
  const waiting: { from: TreeMessage; asked: TreeMessage | null }[] = (children.get(null) ?? [])
    .toReversed()
    .map((from) => ({ from, asked: null }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { from } = next;
    if (seen.has(from.id)) continue;
    seen.add(from.id);
    const below = children.get(from.id) ?? [];
    if (from.role !== 'other' && from.text !== '' && (from.role === 'user' || next.asked === null)) {
      const said = answerTo(from, children, onBranch, seen, report);
      if (from.role === 'user') exchanges.push({ ...said, id: from.id, userInput: from.text, at: from.at });
      else exchanges.push({ ...said, id: from.id, userInput: '', at: from.at });
      for (const one of said.next.toReversed()) waiting.push({ from: one, asked: null });
    } else {
      for (const one of below.toReversed()) waiting.push({ from: one, asked: next.asked });
    }
  }
  return exchanges.sort((a, b) => (a.at ?? '').localeCompare(b.at ?? '', 'en'));
}

/** The agent's messages from here on, and the user's messages that follow them. */
function answerTo(
  from: TreeMessage,
  children: ReadonlyMap<string | null, readonly TreeMessage[]>,
  onBranch: ReadonlySet<string>,
  seen: Set<string>,
  report: Pick<HistoryReport, 'leaveOut'>,
): { agentResponse: string; next: TreeMessage[] } {
  const texts = from.role === 'agent' ? [from.text] : [];
  const next: TreeMessage[] = [];
  let at = from;
  for (;;) {
    const below = (children.get(at.id) ?? []).filter(({ id }) => !seen.has(id));
    next.push(...below.filter(({ role, text }) => role === 'user' && text !== ''));
    const going = below.filter((one) => !next.includes(one));
    const chosen = going.find(({ id }) => onBranch.has(id)) ?? going.at(-1);
    for (const other of going) {
      seen.add(other.id);
      if (other === chosen) continue;
      if (other.role === 'agent' && other.text !== '') {
        report.leaveOut('another answer to the same message', other.id, other.text);
      }
      // The user's messages after an answer that was not chosen are kept.
      next.push(...usersBelow(other, children, seen));
    }
    if (chosen === undefined) return { agentResponse: texts.join('\n\n'), next };
    if (chosen.role === 'agent' && chosen.text !== '') texts.push(chosen.text);
    at = chosen;
  }
}

function usersBelow(
  from: TreeMessage,
  children: ReadonlyMap<string | null, readonly TreeMessage[]>,
  seen: Set<string>,
): TreeMessage[] {
  const found: TreeMessage[] = [];
  const waiting = [...(children.get(from.id) ?? [])];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at.id)) continue;
    if (at.role === 'user' && at.text !== '') found.push(at);
    else {
      seen.add(at.id);
      waiting.push(...(children.get(at.id) ?? []));
    }
  }
  return found;
}
