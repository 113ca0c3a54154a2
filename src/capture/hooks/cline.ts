import * as z from 'zod';
import type { HookAdapter, Moment } from './moment.js';

const eventSchema = z.looseObject({
  hookName: z.string(),
  taskId: z.string().min(1),
  workspaceRoots: z.array(z.string()).nullish(),
  userPromptSubmit: z.looseObject({ prompt: z.string().nullish() }).nullish(),
  taskStart: z
    .looseObject({ taskMetadata: z.looseObject({ initialTask: z.string().nullish() }).nullish() })
    .nullish(),
  taskComplete: z
    .looseObject({ taskMetadata: z.looseObject({ result: z.string().nullish() }).nullish() })
    .nullish(),
});

const moments: Readonly<Record<string, Moment>> = {
  TaskStart: 'start',
  TaskResume: 'start',
  UserPromptSubmit: 'prompt',
  TaskComplete: 'answered',
  TaskCancel: 'ended',
  PreCompact: 'compacting',
};

/** https://docs.cline.bot/features/hooks/hook-reference; Cline's answer arrives with `TaskComplete`. */
export const cline: HookAdapter = {
  client: 'cline',
  read(event) {
    const given = eventSchema.parse(event);
    const moment = Object.hasOwn(moments, given.hookName) ? moments[given.hookName] : undefined;
    if (moment === undefined) return null;
    return {
      moment,
      name: given.hookName,
      session: given.taskId,
      folder: given.workspaceRoots?.[0] ?? null,
      prompt: given.userPromptSubmit?.prompt ?? given.taskStart?.taskMetadata?.initialTask ?? null,
      answer: given.taskComplete?.taskMetadata?.result ?? null,
      transcript: null,
    };
  },
  print(_event, context) {
    return JSON.stringify({ cancel: false, ...(context !== '' && { contextModification: context }) });
  },
};
