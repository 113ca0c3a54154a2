import { useState } from 'preact/hooks';
import type { Fact } from '../../api/types.js';
import { texts } from '../texts.js';
import { dayOf } from './dates.js';
import { Evidence } from './evidence.js';
import { FactHistory, type Former } from './fact-history.js';
import { LineForm } from './line-form.js';

const t = texts.knowledge;
/** The server's maximum. */
export const factLengthMax = 400;

/**
 * `seen`: the text of the fact when editing began; it may have changed since. Resolves with whether the
 * change was made.
 */
export type ChangeFact = (
  fact: Fact,
  seen: string,
  to: { knowledge?: string; pinned?: boolean },
) => Promise<boolean>;

interface FactCardProps {
  readonly fact: Fact;
  readonly history: readonly Former[];
  readonly change: ChangeFact;
  readonly forget: (fact: Fact) => void;
}

/** A fact with its quote, its source and its history. It can be corrected in place, pinned and forgotten. */
export function FactCard({ fact, history, change, forget }: FactCardProps) {
  const [text, setText] = useState<string | null>(null);
  const [seen, setSeen] = useState<string | null>(null);
  const pinned = fact.pinned === true;
  const submit = () => {
    if (text === null) return;
    void change(fact, seen ?? fact.knowledge, { knowledge: text }).then((isDone) => {
      // The input stays until it is stored. After a refusal, the user has been shown the fact's present text.
      if (isDone) setText(null);
      else setSeen(null);
    });
  };
  const correct = () => {
    setText(fact.knowledge);
    setSeen(fact.knowledge);
  };
  return (
    <li class="card">
      {text === null ? (
        <p class="fact" dir="auto">
          {fact.knowledge} {fact.project && <span class="tag">{fact.project}</span>}{' '}
          {pinned && <span class="tag">{t.pinned}</span>}
        </p>
      ) : (
        <LineForm
          label={t.correct}
          value={text}
          maxLength={factLengthMax}
          change={setText}
          submit={submit}
          cancel={() => setText(null)}
        />
      )}
      {fact.quote !== null && !fact.knowledge.includes(fact.quote) && (
        <blockquote class="quiet" dir="auto">
          {fact.quote}
        </blockquote>
      )}
      <Evidence label={t.source} pageIds={fact.page_ids} />
      <FactHistory history={history} />
      <div class="actions">
        <time class="quiet" dateTime={fact.timestamp}>
          {dayOf(fact.timestamp)}
        </time>
        <button type="button" class="quiet" onClick={correct}>
          {t.correct}
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => void change(fact, fact.knowledge, { pinned: !pinned })}
        >
          {pinned ? t.unpin : t.pin}
        </button>
        <button type="button" class="quiet" onClick={() => forget(fact)}>
          {t.forget}
        </button>
      </div>
    </li>
  );
}
