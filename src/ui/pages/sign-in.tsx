import { useState } from 'preact/hooks';
import { type ApiError, call } from '../api.js';
import { asApiError } from '../state.js';
import { texts } from '../texts.js';

export function SignIn({ problem, enter }: { problem: ApiError; enter: () => Promise<void> }) {
  const [token, setToken] = useState('');
  const [shown, setShown] = useState(problem.message);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await call('POST', '/session', { token });
      await enter();
    } catch (error) {
      setShown(asApiError(error).message);
    }
  };
  return (
    <main class="sign-in">
      <h1>{texts.signIn.heading}</h1>
      <p class="about">{texts.signIn.about}</p>
      <p class="notice" role="alert">
        {shown}
      </p>
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
        <button type="submit" class="main">
          {texts.signIn.submit}
        </button>
      </form>
    </main>
  );
}
