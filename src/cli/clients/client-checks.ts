import { HookLog, hooksFolder } from '../../app/capture/hook-log.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { Finding } from '../checks.js';
import { readClientFile } from './client-file.js';
import { clientsFound, type McpClient, type Place } from './clients.js';
import { hookFiles } from './hook-files.js';
import { at, formatOf, isObject } from './settings-format.js';

/** Findings about each client on this machine, and the reason why the last hook failed. */
export async function checkClients(place: Place, dataDir: string, isStarted: boolean): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const client of clientsFound(place)) findings.push(await checkClient(client, place, isStarted));
  const log = new HookLog(hooksFolder(dataDir));
  const failure = await log.last();
  if (failure !== null) {
    findings.push({
      check: 'hooks',
      level: 'warning',
      message: `the last failure, at ${failure.time} for ${failure.client}: ${failure.message}`,
      todo: `fix this problem, then delete ${log.file}`,
    });
  }
  return findings;
}

async function checkClient(client: McpClient, place: Place, isStarted: boolean): Promise<Finding> {
  const check = client.name;
  try {
    const text = await readClientFile(client.file);
    const settings = formatOf(client.file).parse(client.file, (text ?? '').replace(/^\uFEFF/, ''));
    const entry = ownEntry(client, settings);
    if (entry === null) {
      return {
        check,
        level: 'ok',
        message: `${client.title} does not use this memory`,
        todo: `to add it, run "memoryos-mcp install --client ${client.name}"`,
      };
    }
    if (isStarted) {
      const { probe } = await import('./probe.js');
      await probe(entry);
    }
    const hooks = await hasHooks(client, place);
    const says = hooks === null ? '' : hooks ? ', with hooks' : ', without hooks';
    return { check, level: 'ok', message: `${client.title} uses this memory${says}`, todo: '' };
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
    return {
      check,
      level: 'error',
      message: messageOf(error),
      todo: `then run "memoryos-mcp install --client ${client.name}"`,
    };
  }
}

function ownEntry({ servers, form }: McpClient, settings: unknown) {
  const groups = [at(settings, servers), at(settings, [...servers, 'servers'])].filter(isObject);
  for (const group of groups) {
    for (const entry of Object.values(group)) {
      const start = isObject(entry) ? form.read(entry) : null;
      const words = start === null ? '' : [start.command, ...start.args].join(' ');
      if (start !== null && /memoryos-mcp|[\\/]dist[\\/]cli[\\/]main\.js/.test(words)) return start;
    }
  }
  return null;
}

/** Null when the client has no hooks. */
async function hasHooks({ name }: McpClient, place: Place): Promise<boolean | null> {
  const removal = hookFiles(name, place, null);
  if (removal === null) return null;
  for (const { file, edit } of removal.files) {
    const before = await readClientFile(file);
    // If removing our hooks changes the file, they are installed.
    if (before !== null && edit(before) !== before) return true;
  }
  return false;
}
