import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, call, onSignedOut, watch } from './api.js';
import { type PageName, pageNames } from './page-names.js';
import { Ask } from './pages/ask.js';
import { Knowledge } from './pages/knowledge.js';
import { Log } from './pages/log.js';
import { Overview } from './pages/overview.js';
import { Profile } from './pages/profile.js';
import { Settings } from './pages/settings.js';
import { SignIn } from './pages/sign-in.js';
import { Timeline } from './pages/timeline.js';
import { Topics } from './pages/topics.js';
import { announce, asApiError, useAddress } from './state.js';
import { texts } from './texts.js';

interface Session {
  readonly user_id: string;
  readonly version: string;
  readonly local: boolean;
}

const pages: Readonly<Record<PageName, (props: { parameters: URLSearchParams }) => preact.JSX.Element>> = {
  overview: Overview,
  ask: Ask,
  timeline: Timeline,
  topics: Topics,
  knowledge: Knowledge,
  profile: Profile,
  log: Log,
  settings: Settings,
};

export function App() {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [connected, setConnected] = useState(true);

  const enter = useCallback(async () => {
    const failure = signInFailure();
    try {
      await useLink();
      setSession(await call<Session>('GET', '/session'));
      setProblem(null);
    } catch (error) {
      setSession(null);
      setProblem(failure ?? asApiError(error));
    }
  }, []);
  useEffect(() => {
    onSignedOut((refusal) => {
      setProblem(refusal);
      setSession(null);
    });
    void enter();
  }, [enter]);
  useEffect(() => {
    if (session === null) return;
    return watch({
      change: announce,
      connected(is) {
        setConnected(is);
        // The token may have been revoked meanwhile.
        if (!is) {
          call('GET', '/session').catch(() => undefined);
        }
      },
    });
  }, [session]);

  if (session !== null) {
    return <Frame session={session} connected={connected} leave={() => void enter()} />;
  }
  if (problem === null) return <p class="centred">{texts.loading}</p>;
  return <SignIn problem={problem} enter={enter} />;
}

/**
 * The link of `memoryos-mcp ui` contains a key after the #, which never appears in server logs. It works
 * once.
 */
async function useLink(): Promise<void> {
  const key = /^#key=([\w-]+)$/.exec(location.hash)?.[1];
  if (key === undefined) return;
  history.replaceState(null, '', `${location.pathname}#/overview`);
  await call('POST', '/session', { token: key });
}

/** Why the authorization server did not sign the user in; shown once. */
function signInFailure(): ApiError | null {
  const failure = /^#sign-in=(\w+)$/.exec(location.hash)?.[1];
  if (failure === undefined) return null;
  history.replaceState(null, '', location.pathname);
  return new ApiError('SIGN_IN', texts.signIn.failed[failure] ?? texts.signIn.failed.failed ?? failure);
}

function Frame({ session, connected, leave }: { session: Session; connected: boolean; leave: () => void }) {
  const { page, parameters } = useAddress();
  const Page = pages[page];
  useEffect(() => {
    document.title = `${texts.nav[page]} – ${texts.title}`;
  }, [page]);
  const signOut = async () => {
    await call('DELETE', '/session').catch(() => undefined);
    leave();
  };
  return (
    <>
      <button type="button" class="skip" onClick={focusContent}>
        {texts.skip}
      </button>
      <header class="side">
        <p class="brand">
          {texts.title} <span dir="auto">{session.user_id}</span>
        </p>
        <nav aria-label={texts.nav.label}>
          {pageNames.map((name) => (
            <a key={name} href={`#/${name}`} aria-current={name === page ? 'page' : undefined}>
              {texts.nav[name]}
            </a>
          ))}
        </nav>
        {!session.local && (
          <button type="button" class="quiet" onClick={() => void signOut()}>
            {texts.signIn.out}
          </button>
        )}
      </header>
      <main id="content" tabIndex={-1}>
        <div role="status" aria-live="polite">
          {!connected && <p class="notice">{texts.offline}</p>}
        </div>
        <h1>{texts.nav[page]}</h1>
        <p class="about">{texts[page].about}</p>
        <Page key={page} parameters={parameters} />
      </main>
    </>
  );
}

function focusContent() {
  document.getElementById('content')?.focus();
}
