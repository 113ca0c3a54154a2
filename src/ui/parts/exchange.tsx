import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.js';
import { timeOf } from './dates.js';

const shownCharacters = 600;

interface Said {
  readonly user_input: string;
  readonly agent_response: string;
  readonly timestamp: string;
}

/** One exchange. Long sides are shortened until the user asks for the rest. */
export function ExchangeCard({ said, children }: { said: Said; children?: ComponentChildren }) {
  return (
    <article class="exchange">
      <header>
        <time dateTime={said.timestamp}>{timeOf(said.timestamp)}</time>
        {children}
      </header>
      <Side who={texts.timeline.user} text={said.user_input} />
      <Side who={texts.timeline.agent} text={said.agent_response} />
    </article>
  );
}

function Side({ who, text }: { who: string; text: string }) {
  const [whole, setWhole] = useState(false);
  if (text === '') return null;
  const isLong = text.length > shownCharacters;
  return (
    <div class="said">
      <span class="who">{who}</span>
      <p dir="auto">
        {isLong && !whole ? `${text.slice(0, shownCharacters)} …` : text}
        {isLong && !whole && (
          <button type="button" class="link" onClick={() => setWhole(true)}>
            +{(text.length - shownCharacters).toLocaleString()}
          </button>
        )}
      </p>
    </div>
  );
}
