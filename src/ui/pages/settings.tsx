import { useState } from 'preact/hooks';
import type { BackupEntry, ImportOutcome } from '../../api/types.js';
import { call, exportAddress, importFile } from '../api.js';
import { timeOf } from '../parts/dates.js';
import { Dialog } from '../parts/dialog.js';
import { Empty, Shown } from '../parts/shown.js';
import { asApiError, useLoaded } from '../state.js';
import { plural, texts } from '../texts.js';

interface SettingsAnswer {
  readonly config: Readonly<Record<string, unknown>>;
  readonly backups: readonly BackupEntry[];
}

const t = texts.settings;

export function Settings() {
  const loaded = useLoaded<SettingsAnswer>('/settings');
  const [said, setSaid] = useState('');
  const run: Run = (work, done) => {
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
          <Backups backups={backups} run={run} />
          <Import />
          <Configuration config={config} />
        </>
      )}
    </Shown>
  );
}

/** Does the work, then shows `done` or the error. */
type Run = (work: Promise<unknown>, done: string) => void;

function Backups({ backups, run }: { backups: readonly BackupEntry[]; run: Run }) {
  const [restoring, setRestoring] = useState<BackupEntry | null>(null);
  return (
    <section>
      <h2>{t.backups}</h2>
      <div class="actions">
        <button type="button" class="main" onClick={() => run(call('POST', '/backups', {}), t.backedUp)}>
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
      {restoring !== null && (
        <RestoreDialog
          backup={restoring}
          cancel={() => setRestoring(null)}
          restore={() => {
            run(call('POST', `/backups/${encodeURIComponent(restoring.name)}/restore`, {}), t.restored);
            setRestoring(null);
          }}
        />
      )}
    </section>
  );
}

interface RestoreDialogProps {
  readonly backup: BackupEntry;
  readonly restore: () => void;
  readonly cancel: () => void;
}

function RestoreDialog({ backup, restore, cancel }: RestoreDialogProps) {
  return (
    <Dialog heading={t.restoreHeading} close={cancel}>
      <p>{timeOf(backup.made_at)}</p>
      <p>{t.restoreAbout}</p>
      <div class="actions">
        <button type="button" onClick={cancel}>
          {texts.cancel}
        </button>
        <button type="button" class="danger" onClick={restore}>
          {t.restore}
        </button>
      </div>
    </Dialog>
  );
}

function Configuration({ config }: Pick<SettingsAnswer, 'config'>) {
  return (
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
  );
}

type Importing =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly name: string; readonly share: number | null }
  | { readonly state: 'done'; readonly outcome: ImportOutcome }
  | { readonly state: 'failed'; readonly message: string };

function Import() {
  const [importing, setImporting] = useState<Importing>({ state: 'idle' });
  const start = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    if (file === undefined) return;
    const { name } = file;
    setImporting({ state: 'running', name, share: null });
    importFile<ImportOutcome>(file, (share) => setImporting({ state: 'running', name, share }))
      .then(
        (outcome) => setImporting({ state: 'done', outcome }),
        (error: unknown) => setImporting({ state: 'failed', message: asApiError(error).message }),
      )
      // So that the same file can be chosen again.
      .finally(() => {
        input.value = '';
      });
  };
  return (
    <section>
      <h2>{t.import}</h2>
      <label>
        <span>{t.importAbout}</span>
        <input
          type="file"
          disabled={importing.state === 'running'}
          onChange={(event) => start(event.currentTarget)}
        />
      </label>
      <div role="status">
        {importing.state === 'running' && (
          <p>
            <span dir="auto">{importing.name}</span>{' '}
            {importing.share === null ? (
              <progress aria-label={t.importing} />
            ) : (
              <progress aria-label={t.importing} value={importing.share} max={1} />
            )}
          </p>
        )}
        {importing.state === 'failed' && <p class="notice">{importing.message}</p>}
        {importing.state === 'done' && <Imported {...importing.outcome} />}
      </div>
    </section>
  );
}

function Imported({ from, counts, notes }: ImportOutcome) {
  const parts = [
    plural(counts.pages, 'exchange'),
    plural(counts.facts, 'fact'),
    plural(counts.traits, 'trait'),
  ];
  return (
    <div class="notice">
      <p>
        {t.imported} <span dir="auto">{from}</span>: {parts.join(', ')}
      </p>
      {counts.known > 0 && (
        <p>
          {counts.known.toLocaleString()} {t.known}
        </p>
      )}
      {counts.forgotten > 0 && (
        <p>
          {counts.forgotten.toLocaleString()} {t.forgottenHere}
        </p>
      )}
      {notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
    </div>
  );
}
