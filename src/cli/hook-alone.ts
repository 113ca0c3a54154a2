import { homedir } from 'node:os';
import { answerQuestion, type HookQuestion } from '../app/capture/answer-question.js';
import { EngineHookMemory } from '../app/capture/engine-hook-memory.js';
import { type HookAddress, hookLogFolder } from '../app/capture/hook-address.js';
import type { HookMemory } from '../app/capture/hook-memory.js';
import { ReadOnlyHookMemory } from '../app/capture/read-only-hook-memory.js';
import { loadConfig } from '../app/config/config.js';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { messageOf } from '../model/errors.js';
import { flagsOf } from './flags.js';

/**
 * Handles a hook without a running server. Opens the memory read-only when the client waits for an answer,
 * and fully only to store. Failures go to the hooks' log.
 */
export async function answerAlone(
  options: Readonly<Record<string, unknown>>,
  question: HookQuestion,
  address: HookAddress | null,
): Promise<string> {
  let dataDir = address?.dataDir ?? hookLogFolder(options, process.env, process.cwd());
  let engine: MemoryEngine | undefined;
  try {
    const file = typeof options.config === 'string' ? options.config : undefined;
    const { config } = loadConfig({ file, flags: flagsOf(options) });
    dataDir = config.data_storage_path;
    const open = async () => {
      if (engine === undefined) {
        const { hookSettings, openEngineBriefly } = await import('./settings.js');
        engine = await openEngineBriefly(await hookSettings(options));
      }
      return engine;
    };
    const nowMs = Date.now();
    const readOnly = new ReadOnlyHookMemory(config, nowMs);
    const opened = new EngineHookMemory(open);
    const memory: HookMemory =
      config.store === 'files'
        ? {
            opening: readOnly.opening.bind(readOnly),
            fitting: readOnly.fitting.bind(readOnly),
            store: opened.store.bind(opened),
          }
        : opened;
    const asked = { ...question, project: question.project ?? config.project ?? null };
    return await answerQuestion(asked, memory, {
      dataDir,
      place: { home: homedir(), env: process.env },
      nowMs,
    });
  } catch (error) {
    await logFailure(dataDir, question.client, error);
    return '{}';
  } finally {
    await engine?.close().catch((error: unknown) => logFailure(dataDir, question.client, error));
  }
}

async function logFailure(dataDir: string, client: string, error: unknown): Promise<void> {
  // Validation errors would repeat what the client sent.
  const message =
    error instanceof Error && error.name === 'ZodError'
      ? 'The event does not match its schema.'
      : messageOf(error);
  process.stderr.write(`memoryos-mcp hook ${client}: ${message}\n`);
  const { HookLog, hooksFolder } = await import('../app/capture/hook-log.js');
  await new HookLog(hooksFolder(dataDir)).add(client, message, new Date());
}
