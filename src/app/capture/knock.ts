export { knock } from '../../capture/door/knock.js';
