const opening = /<think(?:ing)?>/i;
const closing = /<\/think(?:ing)?>/i;
const tagCharactersMax = '</thinking>'.length;

/**
 * Removes what a reasoning model writes between `<think>` and `</think>`. Works for any length, when a tag is
 * split over pieces, and when the block is never closed.
 */
export class ThinkFilter {
  #thinking = false;
  #held = '';
  /** Whether anything but white space has been returned. White space before the answer is dropped. */
  #begun = false;

  /** Adds a piece; returns the part of the text that is certainly answer. */
  push(piece: string): string {
    this.#held += piece;
    let out = '';
    for (;;) {
      const tag = (this.#thinking ? closing : opening).exec(this.#held);
      if (tag === null) break;
      if (!this.#thinking) out += this.#held.slice(0, tag.index);
      this.#held = this.#held.slice(tag.index + tag[0].length);
      this.#thinking = !this.#thinking;
    }
    if (this.#thinking) {
      this.#held = this.#held.slice(-tagCharactersMax);
    } else {
      const cut = startOfPartialTag(this.#held);
      out += this.#held.slice(0, cut);
      this.#held = this.#held.slice(cut);
    }
    return this.#give(out);
  }

  /** Returns the rest after the answer has ended. */
  end(): string {
    const rest = this.#thinking ? '' : this.#held;
    this.#held = '';
    return this.#give(rest);
  }

  #give(text: string): string {
    if (this.#begun) return text;
    const trimmed = text.trimStart();
    this.#begun = trimmed !== '';
    return trimmed;
  }
}

/** Where an incomplete tag begins; the length of the text when there is none. */
function startOfPartialTag(text: string): number {
  const at = text.lastIndexOf('<');
  if (at === -1 || text.length - at >= tagCharactersMax) return text.length;
  const begun = text.slice(at).toLowerCase();
  return '<thinking>'.startsWith(begun) || '<think>'.startsWith(begun) ? at : text.length;
}

/**
 * A complete answer without its thinking. Some chat templates open the block themselves, so the answer
 * contains only the closing tag. Everything before that is thinking, too.
 */
export function withoutThinking(text: string): string {
  const close = closing.exec(text);
  const open = opening.exec(text);
  const orphan = close !== null && (open === null || close.index < open.index);
  const filter = new ThinkFilter();
  const rest = filter.push(orphan ? text.slice(close.index + close[0].length) : text);
  return (rest + filter.end()).trim();
}
