import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Conversation, Exchange } from '../../model/exchange.js';
import { exchangeKey } from '../hooks/answer-hook.js';
import type { TranscriptFormat } from '../hooks/moment.js';
import { projectOfFolder } from '../project.js';
import { claudeTranscript } from '../transcripts/claude-code.js';
import { codexTranscript } from '../transcripts/codex.js';
import { turnsOf } from '../transcripts/turns.js';
import type { History, HistoryReport } from './history.js';
import { timeFrom } from './times.js';

const titleCharacters = 80;

/** Transcripts of Claude Code: a file, or a folder such as `~/.claude/projects`. */
export const claudeCodeTranscripts = transcripts(
  'claude-code',
  'transcripts of Claude Code',
  claudeTranscript,
);
/** Transcripts of Codex: a file, or a folder such as `~/.codex/sessions`. */
export const codexTranscripts = transcripts('codex', 'transcripts of Codex', codexTranscript);

function transcripts(source: string, title: string, format: TranscriptFormat): History {
  return {
    source,
    title,
    isOfAgents: true,
    async *read(given, report) {
      const files = await filesOf(given, '.jsonl');
      for (const [index, file] of files.entries()) {
        const conversation = await readTranscript(source, file, format, report);
        if (conversation.exchanges.length > 0) yield conversation;
        // A newer version may write another form, and an empty report would hide it.
        else report.leaveOut('a transcript has no exchange in a known form', file);
        report.progress((index + 1) / files.length);
      }
    },
  };
}

async function readTranscript(
  source: string,
  file: string,
  format: TranscriptFormat,
  report: HistoryReport,
): Promise<Conversation> {
  const exchanges: Exchange[] = [];
  const written = (await stat(file)).mtime.toISOString();
  // The file's name contains the session's id, for transcripts that do not contain it.
  const named =
    /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/i.exec(file)?.[1] ?? path.basename(file, '.jsonl');
  let session = named;
  const onDamage = (byte: number) => report.leaveOut('a line is not JSON', `${file}, byte ${byte}`);
  for await (const turn of turnsOf(file, format, { finished: true, onDamage })) {
    session = turn.session ?? session;
    exchanges.push({
      key: exchangeKey(source, session, turn.id),
      userInput: turn.userInput,
      agentResponse: turn.agentResponse,
      timestamp: timeFrom(turn.at) ?? written,
      project: turn.folder === null ? null : projectOfFolder(turn.folder, homedir()),
      origin: { by: 'import', client: source, session },
    });
  }
  const first = exchanges[0]?.userInput.replace(/\s+/g, ' ').slice(0, titleCharacters).toWellFormed();
  return { id: `${source}\n${session}`, title: first ?? session, exchanges, facts: [] };
}

/** The file itself, or all files below a folder with this ending, sorted by name. */
export async function filesOf(given: string, ending: string): Promise<string[]> {
  const found = await stat(given);
  if (!found.isDirectory()) return [given];
  const names = await readdir(given, { recursive: true });
  return names
    .filter((name) => name.toLowerCase().endsWith(ending))
    .sort()
    .map((name) => path.join(given, name));
}
