import { useEffect, useState } from 'preact/hooks';
import { type ApiError, call, signInAddress } from '../api.js';
import { asApiError } from '../state.js';
import { texts } from '../texts.js';

export function SignIn({ problem, enter }: { problem: ApiError; enter: () => Promise<void> }) {
  const [token, setToken] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const [issuer, setIssuer] = useState<string | null>(null);
  useEffect(() => {
    call<{ oauth: string | null }>('GET', '/session/ways').then(
      ({ oauth }) => setIssuer(oauth),
      () => undefined,
    );
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await call('POST', '/session', { token });
      await enter();
    } catch (error) {
      setRefusal(asApiError(error).message);
    }
  };
  return (
    <main class="sign-in">
      <h1>{texts.signIn.heading}</h1>
      <p class="about">{issuer === null ? texts.signIn.about : texts.signIn.aboutIssuer}</p>
      <p class="notice" role="alert">
        {refusal ?? problem.message}
      </p>
      {issuer !== null && (
        <p>
          <a class="button main" href={signInAddress}>
            {texts.signIn.at} {new URL(issuer).host}
          </a>
        </p>
      )}
      <form onSubmit={(event) => void submit(event)}>
        <label>
          {texts.signIn.token}
          <input
            type="password"
            autoComplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class={issuer === null ? 'main' : ''}>
          {texts.signIn.submit}
        </button>
      </form>
    </main>
  );
}
