export { askServer } from '../../capture/socket/ask-server.js';
