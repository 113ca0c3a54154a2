import { useState } from 'preact/hooks';
import { texts } from '../texts.js';
import type { Host } from './host.js';

export interface Fact {
  readonly fact_id: string;
  readonly knowledge: string;
  readonly timestamp: string;
  readonly current?: false;
  readonly pinned?: true;
  readonly project?: string;
}

const t = texts.chat;

export function FactRow({ fact, host }: { fact: Fact; host: Host }) {
  const shown = useFact(fact, host);
  const { knowledge, pinned, text, asking, gone, said } = shown;
  return (
    <li>
      {!gone && text === null && (
        <p dir="auto">
          {knowledge} {fact.project && <span class="tag">{fact.project}</span>}{' '}
          {pinned && <span class="tag">{texts.knowledge.pinned}</span>}
        </p>
      )}
      {!gone && text !== null && (
        <Correction
          text={text}
          change={shown.setText}
          save={shown.correct}
          cancel={() => shown.setText(null)}
        />
      )}
      {!gone && asking !== null && (
        <ForgetQuestion facts={asking} forget={shown.forget} cancel={shown.keep} />
      )}
      {!gone && asking === null && text === null && (
        <div class="actions">
          {host.canTell && (
            <button type="button" onClick={shown.confirm}>
              {t.confirm}
            </button>
          )}
          {host.canCall && (
            <>
              <button type="button" onClick={() => shown.setText(knowledge)}>
                {texts.knowledge.correct}
              </button>
              <button type="button" onClick={shown.pin}>
                {pinned ? texts.knowledge.unpin : texts.knowledge.pin}
              </button>
              <button type="button" onClick={shown.ask}>
                {texts.knowledge.forget}
              </button>
            </>
          )}
        </div>
      )}
      <p class="quiet" role="status" dir="auto">
        {said}
      </p>
    </li>
  );
}

/**
 * A fact and what the user does with it. `text`: the correction being written. `asking`: what forgetting
 * would delete. `said`: the outcome of the latest action.
 */
function useFact(fact: Fact, host: Host) {
  const [knowledge, setKnowledge] = useState(fact.knowledge);
  const [pinned, setPinned] = useState(fact.pinned === true);
  const [text, setText] = useState<string | null>(null);
  const [asking, setAsking] = useState<readonly string[] | null>(null);
  const [gone, setGone] = useState(false);
  const [said, setSaid] = useState('');
  const run = (work: () => Promise<string>) => {
    work().then(setSaid, (error: unknown) => setSaid(error instanceof Error ? error.message : String(error)));
  };
  const tell = (what: string) => (host.canTell ? host.tellModel(what) : undefined);
  const confirm = () =>
    run(async () => {
      await host.tellModel(`The user confirmed in the memory view that this is right: "${knowledge}"`);
      return t.confirmed;
    });
  const correct = () => {
    if (text === null || text.trim() === '') return;
    run(async () => {
      const { structuredContent } = await host.callTool('update_memory', {
        fact_id: fact.fact_id,
        fact: text,
      });
      const now = (structuredContent?.fact as Fact | undefined)?.knowledge ?? text;
      setKnowledge(now);
      setText(null);
      await tell(`The user corrected a fact in the memory view. Before: "${knowledge}". Now: "${now}"`);
      return t.corrected;
    });
  };
  const pin = () =>
    run(async () => {
      await host.callTool('update_memory', { fact_id: fact.fact_id, pinned: !pinned });
      setPinned(!pinned);
      return pinned ? t.unpinned : texts.knowledge.pinned;
    });
  const ask = () =>
    run(async () => {
      const { structuredContent } = await host.callTool('forget_memory', { fact_ids: [fact.fact_id] });
      const facts = (structuredContent?.facts ?? []) as readonly Fact[];
      setAsking(facts.map((one) => one.knowledge));
      return '';
    });
  const keep = () => setAsking(null);
  const forget = () =>
    run(async () => {
      await host.callTool('forget_memory', { fact_ids: [fact.fact_id], confirm: true });
      setGone(true);
      await tell('The user deleted a fact in the memory view. Do not use it any more.');
      return t.forgotten;
    });
  return { knowledge, pinned, text, setText, asking, gone, said, confirm, correct, pin, ask, keep, forget };
}

interface CorrectionProps {
  readonly text: string;
  readonly change: (text: string) => void;
  readonly save: () => void;
  readonly cancel: () => void;
}

/** Not a form, because a host's sandbox may forbid forms. */
function Correction({ text, change, save, cancel }: CorrectionProps) {
  return (
    <div class="editing">
      <input
        dir="auto"
        maxLength={400}
        aria-label={texts.knowledge.correct}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') save();
        }}
      />
      <Choice act={save} label={texts.save} cancel={cancel} />
    </div>
  );
}

interface ForgetQuestionProps {
  readonly facts: readonly string[];
  readonly forget: () => void;
  readonly cancel: () => void;
}

function ForgetQuestion({ facts, forget, cancel }: ForgetQuestionProps) {
  return (
    <div class="asking" role="alertdialog" aria-label={texts.forget.heading}>
      <p>{texts.forget.about}</p>
      <ul>
        {facts.map((one) => (
          <li key={one} dir="auto">
            {one}
          </li>
        ))}
      </ul>
      <Choice act={forget} label={texts.forget.confirm} cancel={cancel} />
    </div>
  );
}

/** A button that acts, and one that cancels. */
function Choice({ act, label, cancel }: { act: () => void; label: string; cancel: () => void }) {
  return (
    <>
      <button type="button" onClick={act}>
        {label}
      </button>
      <button type="button" onClick={cancel}>
        {texts.cancel}
      </button>
    </>
  );
}
