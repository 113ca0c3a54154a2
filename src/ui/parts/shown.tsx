import type { ComponentChildren } from 'preact';
import type { Loaded } from '../state.js';
import { texts } from '../texts.js';

/** Shows loaded data; before that a loading line, and after a failure the error. */
export function Shown<Answer>({
  loaded,
  children,
}: {
  loaded: Loaded<Answer>;
  children: (answer: Answer) => ComponentChildren;
}) {
  const { answer, error, reload } = loaded;
  return (
    <>
      {error !== null && (
        <div class="notice" role="alert">
          <p>{error.message}</p>
          <button type="button" onClick={reload}>
            {texts.retry}
          </button>
        </div>
      )}
      {answer === null ? error === null && <p class="quiet">{texts.loading}</p> : children(answer)}
    </>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** What went wrong, where something did. */
export function Problem({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <p class="notice" role="alert">
      {text}
    </p>
  );
}
