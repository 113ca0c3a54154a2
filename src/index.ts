export { MemoryError, type MemoryErrorCode } from './model/errors.js';
