import { useState } from 'preact/hooks';
import type { BackupEntry } from '../../api/types.js';
import { call, exportAddress } from '../api.js';
import { timeOf } from '../parts/dates.js';
import { Dialog } from '../parts/dialog.js';
import { Empty, Shown } from '../parts/shown.js';
import { asApiError, useLoaded } from '../state.js';
import { texts } from '../texts.js';

interface SettingsAnswer {
  readonly config: Readonly<Record<string, unknown>>;
  readonly backups: readonly BackupEntry[];
}

const t = texts.settings;

export function Settings() {
  const loaded = useLoaded<SettingsAnswer>('/settings');
  const [said, setSaid] = useState('');
  const [restoring, setRestoring] = useState<BackupEntry | null>(null);
  const run = (work: Promise<unknown>, done: string) => {
    work.then(
      () => {
        setSaid(done);
        loaded.reload();
      },
      (error: unknown) => setSaid(asApiError(error).message),
    );
  };
  return (
    <Shown loaded={loaded}>
      {({ config, backups }) => (
        <>
          <p class="quiet" role="status">
            {said}
          </p>
          <section>
            <h2>{t.backups}</h2>
            <div class="actions">
              <button
                type="button"
                class="main"
                onClick={() => run(call('POST', '/backups', {}), t.backedUp)}
              >
                {t.backUp}
              </button>
              <a href={exportAddress} download>
                {t.export}
              </a>
            </div>
            {backups.length === 0 && <Empty>{t.noBackups}</Empty>}
            <ul class="log">
              {backups.map((backup) => (
                <li key={backup.name}>
                  <time dateTime={backup.made_at}>{timeOf(backup.made_at)}</time>
                  <span class="tag">{t.kinds[backup.kind] ?? backup.kind}</span>
                  <button type="button" class="quiet" onClick={() => setRestoring(backup)}>
                    {t.restore}
                  </button>
                </li>
              ))}
            </ul>
          </section>
          <section>
            <h2>{t.config}</h2>
            <p class="quiet">{t.configAbout}</p>
            <dl class="config">
              {Object.entries(config).map(([key, value]) => (
                <div key={key}>
                  <dt>{key}</dt>
                  <dd>{value === null ? <span class="quiet">{t.notSet}</span> : String(value)}</dd>
                </div>
              ))}
            </dl>
          </section>
          {restoring !== null && (
            <Dialog heading={t.restoreHeading} close={() => setRestoring(null)}>
              <p>{timeOf(restoring.made_at)}</p>
              <p>{t.restoreAbout}</p>
              <div class="actions">
                <button type="button" onClick={() => setRestoring(null)}>
                  {texts.cancel}
                </button>
                <button
                  type="button"
                  class="danger"
                  onClick={() => {
                    run(
                      call('POST', `/backups/${encodeURIComponent(restoring.name)}/restore`, {}),
                      t.restored,
                    );
                    setRestoring(null);
                  }}
                >
                  {t.restore}
                </button>
              </div>
            </Dialog>
          )}
        </>
      )}
    </Shown>
  );
}
