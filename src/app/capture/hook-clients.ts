export { hookAdapters } from '../../capture/hooks/adapters.js';
