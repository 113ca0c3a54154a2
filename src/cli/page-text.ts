import type { Page } from '../model/page.js';
import { labelled } from './output.js';
import { day } from './terminal.js';

/** An exchange as a record: time, id, and the beginning of what each side said. */
export function pageText(page: Page): string {
  return [
    `${day(page.timestamp)}  ${page.id}`,
    ...(page.user_input === '' ? [] : [labelled('user', page.user_input)]),
    ...(page.agent_response === '' ? [] : [labelled('agent', page.agent_response)]),
  ].join('\n');
}
