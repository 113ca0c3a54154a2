import { redactSecrets, withoutPrivate } from '../lib/text/secrets.js';
import type { Json, JsonObject } from '../model/json.js';
import type { Page } from '../model/page.js';
import type { TransferRecord } from '../model/transfer.js';

/**
 * Removes what must not be stored. Every text passes through here before it is written to a file or sent to a
 * model: text between `<private>` and `</private>` becomes `[private]`, and secrets become `[redacted: kind]`
 * unless the configuration keeps them.
 */
export class Redactor {
  readonly #redactsSecrets: boolean;

  constructor(redactsSecrets: boolean) {
    this.#redactsSecrets = redactsSecrets;
  }

  async text(text: string): Promise<string> {
    const open = text.includes('<') ? withoutPrivate(text).text : text;
    return this.#redactsSecrets ? (await redactSecrets(open)).text : open;
  }

  /** Filters the texts in a JSON value; its keys stay. */
  async json(value: Json): Promise<Json> {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return Promise.all(value.map((one) => this.json(one)));
    return typeof value === 'object' && value !== null ? this.object(value) : value;
  }

  async object(value: JsonObject): Promise<JsonObject> {
    const kept: [string, Json][] = [];
    for (const [key, one] of Object.entries(value)) kept.push([key, await this.json(one)]);
    return Object.fromEntries(kept);
  }

  async page(page: Page): Promise<Page> {
    return {
      ...page,
      user_input: await this.text(page.user_input),
      agent_response: await this.text(page.agent_response),
      meta_info: await this.text(page.meta_info),
      meta_data: await this.object(page.meta_data),
    };
  }

  /** Filters the parts of an imported record that were said or derived from what was said. */
  async record(record: TransferRecord): Promise<TransferRecord> {
    switch (record.kind) {
      case 'page':
        return { ...record, page: await this.page(record.page) };
      case 'segment': {
        const { theme, summary } = record.segment;
        const kept = { theme: await this.text(theme), summary: await this.text(summary) };
        return { ...record, segment: { ...record.segment, ...kept } };
      }
      case 'fact': {
        const { fact } = record;
        const quote = fact.quote === null ? null : await this.text(fact.quote);
        return { ...record, fact: { ...fact, knowledge: await this.text(fact.knowledge), quote } };
      }
      default:
        return record;
    }
  }
}
