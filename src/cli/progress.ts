/** A terminal line that is overwritten; no output when stderr is not a terminal. */
export interface Progress {
  /** `share`: from 0 to 1, when known. */
  show(text: string, share?: number): void;
  /** Removes the line. */
  end(): void;
}

const everyMs = 100;

export function createProgress(): Progress {
  const stream = process.stderr;
  let shownMs = 0;
  let shown = false;
  return {
    show(text, share) {
      const nowMs = Date.now();
      if (stream.isTTY !== true || nowMs - shownMs < everyMs) return;
      shownMs = nowMs;
      shown = true;
      const percent = share === undefined ? '' : `${String(Math.floor(share * 100)).padStart(3)} %  `;
      stream.write(`\r\u001b[K${percent}${text}`);
    },
    end() {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}
