import { useEffect, useState } from 'preact/hooks';
import type { ForgetResult } from '../../api/types.js';
import { call } from '../api.js';
import { asApiError } from '../state.js';
import { texts } from '../texts.js';
import { Dialog } from './dialog.js';
import { Problem } from './shown.js';

export interface ToForget {
  readonly page_ids?: readonly string[];
  readonly fact_ids?: readonly string[];
}

/** Shows what would be deleted, and deletes it after confirmation. */
export function ForgetDialog({ what, done }: { what: ToForget; done: (forgotten: boolean) => void }) {
  const [preview, setPreview] = useState<ForgetResult | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const failed = (error: unknown) => setProblem(asApiError(error).message);
  useEffect(() => {
    call<ForgetResult>('POST', '/forget', what).then(setPreview, failed);
  }, [what]);
  const forget = () => {
    call<ForgetResult>('POST', '/forget', { ...what, confirm: true }).then(() => done(true), failed);
  };
  return (
    <Dialog heading={texts.forget.heading} close={() => done(false)}>
      <Problem text={problem} />
      {preview !== null && (
        <>
          <p>{texts.forget.about}</p>
          <ul>
            {preview.pages.map((page) => (
              <li key={page.page_id} dir="auto">
                {page.excerpt}
              </li>
            ))}
            {preview.facts.map((fact) => (
              <li key={fact.fact_id} dir="auto">
                {fact.knowledge}
              </li>
            ))}
            {preview.traits.map((trait) => (
              <li key={trait}>{trait}</li>
            ))}
          </ul>
          {preview.remaining.length > 0 && (
            <p>
              {texts.forget.remaining} {preview.remaining.join(', ')}
            </p>
          )}
        </>
      )}
      <div class="actions">
        <button type="button" onClick={() => done(false)}>
          {texts.cancel}
        </button>
        <button type="button" class="danger" disabled={preview === null} onClick={forget}>
          {texts.forget.confirm}
        </button>
      </div>
    </Dialog>
  );
}
