import { homedir } from 'node:os';
import type { HookQuestion } from '../app/capture/answer-with-engine.js';
import type { HookAddress } from '../app/capture/hook-address.js';
import { defaultDataPath } from '../app/config/folders.js';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { messageOf } from '../model/errors.js';

/** Answers a hook without a running server: opens the memory, closes it, and writes failures to the hooks' log. */
export async function answerAlone(
  options: Readonly<Record<string, unknown>>,
  question: HookQuestion,
  address: HookAddress | null,
): Promise<string> {
  let dataDir = address?.dataDir ?? defaultDataPath();
  let engine: MemoryEngine | undefined;
  try {
    const [{ hookSettings, openEngine }, { answerWithEngine }] = await Promise.all([
      import('./settings.js'),
      import('../app/capture/answer-with-engine.js'),
    ]);
    const settings = await hookSettings(options);
    dataDir = settings.config.data_storage_path;
    const open = async () => {
      engine ??= await openEngine(settings);
      return engine;
    };
    const place = { home: homedir(), env: process.env };
    const asked = { ...question, project: question.project ?? settings.config.project ?? null };
    return await answerWithEngine(asked, open, { dataDir, place, nowMs: Date.now() });
  } catch (error) {
    await logFailure(dataDir, question.client, error);
    return '{}';
  } finally {
    await engine?.close().catch((error: unknown) => logFailure(dataDir, question.client, error));
  }
}

async function logFailure(dataDir: string, client: string, error: unknown): Promise<void> {
  // An error of a schema repeats what the client sent.
  const message =
    error instanceof Error && error.name === 'ZodError' ? 'The event has not its form.' : messageOf(error);
  process.stderr.write(`memoryos-mcp hook ${client}: ${message}\n`);
  const { HookLog, hooksFolder } = await import('../app/capture/hook-log.js');
  await new HookLog(hooksFolder(dataDir)).add(client, message, new Date());
}
