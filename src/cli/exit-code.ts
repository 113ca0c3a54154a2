import type { MemoryErrorCode } from '../model/errors.js';

/** Wrong usage of the command line, as in sysexits.h. */
export const usageExitCode = 64;
/** An internal error of the program, as in sysexits.h. */
export const softwareExitCode = 70;

/** Exit codes by error; the numbers are those of sysexits.h where it has a suitable one. */
export function exitCodeOf(code: MemoryErrorCode): number {
  switch (code) {
    case 'INPUT_INVALID':
    case 'ID_INVALID':
      return 65;
    case 'NOT_FOUND':
      return 66;
    case 'MODEL_UNAVAILABLE':
    case 'MODEL_REJECTED':
    case 'MODEL_CONTENT':
    case 'MODEL_CONTEXT':
    case 'MODEL_MISSING':
      return 69;
    case 'STORE_CORRUPT':
    case 'STORE_NEWER':
    case 'STORE_IO':
    case 'STORE_CLOSED':
      return 74;
    case 'STORE_BUSY':
    case 'CONFLICT':
      return 75;
    case 'CONFIG_INVALID':
      return 78;
    case 'CANCELLED':
      return 130;
    default:
      return code satisfies never;
  }
}
