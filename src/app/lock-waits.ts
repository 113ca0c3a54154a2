export { onLockWait } from '../lib/lock-waits.js';
