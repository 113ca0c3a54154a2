import { MemoryError, messageOf } from '../model/errors.js';
import type { Finding } from './checks.js';
import { counted } from './output.js';
import { type Settings, withReader } from './settings.js';

/**
 * Checks the files of every user. `inspect` changes nothing; opening a memory would repair it before a person
 * could make a copy. `accept` also marks losses as known, so that they are no longer reported.
 */
export async function checkFiles(
  { config }: Settings,
  way: 'inspect' | 'repair' | 'accept',
): Promise<Finding[]> {
  const { acceptUser, checkMemories, repairUser } = await import('../app/check-memories.js');
  const dataDir = config.data_storage_path;
  const findings: Finding[] = [];
  try {
    for (const { userId, defects, remarks } of await checkMemories(dataDir)) {
      if (defects.length > 0 && way === 'accept') {
        for (const message of await acceptUser(dataDir, userId))
          findings.push({ check: 'accepted', level: 'warning', message, todo: '' });
      } else if (defects.length > 0 && way === 'repair') {
        const done = await repairUser(dataDir, userId);
        for (const { message } of done)
          findings.push({ check: 'repaired', level: 'warning', message, todo: '' });
      } else {
        findings.push(...defects.map(({ message }) => defect(message)));
      }
      findings.push(...remarks.map(({ message }) => remark(message)));
    }
    if (way !== 'inspect' && findings.length > 0) {
      const left = (await checkMemories(dataDir)).flatMap(({ defects }) => defects);
      findings.push(...left.map(({ message }) => defect(message)));
    }
  } catch (error) {
    const todo = 'keep a copy of the data folder before you change anything in it';
    return [{ check: 'files', level: 'error', message: messageOf(error), todo }];
  }
  return findings.length > 0
    ? findings
    : [{ check: 'files', level: 'ok', message: 'no damage found', todo: '' }];
}

function defect(message: string): Finding {
  return {
    check: 'files',
    level: 'error',
    message,
    todo: 'keep a copy of the data folder, then run "memoryos-mcp doctor --repair", or restore a backup; "--accept" continues with what is left',
  };
}

function remark(message: string): Finding {
  return { check: 'files', level: 'warning', message, todo: '' };
}

/** Checks that the configured memory is readable, and reports its state. */
export async function checkRunning(settings: Settings): Promise<Finding[]> {
  try {
    return await withReader({ ...settings, log: () => undefined }, async (reader) => {
      const { index, analysis, notices, user_id, short_term, mid_term } = await reader.stats();
      const failing = analysis.last_error !== null;
      const missing = index.vectors_missing > 0;
      return [
        {
          check: 'memory',
          level: 'ok',
          message: `${user_id}: ${counted(short_term.pages, 'page')} in short-term memory, ${mid_term.pages} in ${counted(mid_term.segments, 'segment')}`,
          todo: '',
        },
        {
          check: 'index',
          level: missing ? 'warning' : 'ok',
          message: `${counted(index.vectors, 'vector')} of ${index.embedder}; ${index.vectors_missing} missing`,
          todo: missing ? 'nothing; a running server adds them' : '',
        },
        {
          check: 'analysis',
          level: failing ? 'warning' : 'ok',
          message: `by ${analysis.analyser}${failing ? `; last error: ${analysis.last_error}` : ''}`,
          todo: failing ? 'see "provider"; the analysis is retried automatically' : '',
        },
        ...notices.map((message): Finding => ({ check: 'notice', level: 'warning', message, todo: '' })),
      ];
    });
  } catch (error) {
    if (error instanceof MemoryError && error.code === 'NOT_FOUND') {
      return [{ check: 'memory', level: 'ok', message: messageOf(error), todo: '' }];
    }
    const todo = 'keep a copy of the data folder before you change anything in it';
    return [{ check: 'memory', level: 'error', message: messageOf(error), todo }];
  }
}
