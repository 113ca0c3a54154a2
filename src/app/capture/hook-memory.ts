export type { HookMemory } from '../../capture/hooks/hook-memory.js';
