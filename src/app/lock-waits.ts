export { onLockWait } from '../lib/io/lock-waits.js';
