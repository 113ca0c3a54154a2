import { useEffect, useState } from 'preact/hooks';
import type { Exchange, SegmentSummary, TimelineResult } from '../../api/types.js';
import { call } from '../api.js';
import { asApiError } from '../state.js';
import { texts } from '../texts.js';
import { timeOf } from './dates.js';
import { Dialog } from './dialog.js';
import { Problem } from './shown.js';

const t = texts.topics;
const excerptCharacters = 160;

/** Asks which exchanges of a topic form a new topic. */
export function SplitDialog({ segment, done }: { segment: SegmentSummary; done: (split: boolean) => void }) {
  const [exchanges, setExchanges] = useState<readonly Exchange[] | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [theme, setTheme] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const failed = (error: unknown) => setProblem(asApiError(error).message);
  const id = segment.segment_id;
  useEffect(() => {
    call<TimelineResult>('GET', `/exchanges?segment_id=${id}&limit=500`).then(
      (found) => setExchanges(found.exchanges),
      failed,
    );
  }, [id]);
  const split = (event: Event) => {
    event.preventDefault();
    const name = theme.trim();
    call('POST', `/segments/${id}/split`, {
      page_ids: [...chosen],
      ...(name !== '' && { theme: name }),
    }).then(() => done(true), failed);
  };
  const choose = (page: string, is: boolean) => {
    const next = new Set(chosen);
    if (is) next.add(page);
    else next.delete(page);
    setChosen(next);
  };
  return (
    <Dialog heading={t.splitHeading} close={() => done(false)}>
      <form onSubmit={split}>
        <fieldset class="tall">
          <legend>{t.splitAbout}</legend>
          {exchanges === null && problem === null && <p class="quiet">{texts.loading}</p>}
          {exchanges?.map((exchange) => (
            <label key={exchange.id} class="choice">
              <input
                type="checkbox"
                checked={chosen.has(exchange.id)}
                onChange={(event) => choose(exchange.id, event.currentTarget.checked)}
              />
              <span dir="auto">
                <time class="quiet" dateTime={exchange.timestamp}>
                  {timeOf(exchange.timestamp)}
                </time>{' '}
                {excerptOf(exchange)}
              </span>
            </label>
          ))}
        </fieldset>
        <label>
          <span>{t.splitName}</span>
          <input dir="auto" value={theme} onInput={(event) => setTheme(event.currentTarget.value)} />
        </label>
        <Problem text={problem} />
        <div class="actions">
          <button type="button" onClick={() => done(false)}>
            {texts.cancel}
          </button>
          <button
            type="submit"
            class="main"
            disabled={chosen.size === 0 || chosen.size === exchanges?.length}
          >
            {t.split}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function excerptOf({ user_input, agent_response }: Exchange): string {
  const said = user_input === '' ? agent_response : user_input;
  return said.length > excerptCharacters ? `${said.slice(0, excerptCharacters)} …` : said;
}
