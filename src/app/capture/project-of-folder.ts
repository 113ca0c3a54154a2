export { projectOfFolder } from '../../capture/project.js';
