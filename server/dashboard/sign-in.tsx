import { useEffect, useRef } from 'preact/hooks';

interface Props {
  /** Why the last token was not taken, or null. */
  fault: string | null;
  onToken(token: string): void;
}

/** Asks for an operator's token. */
export function SignIn({ fault, onToken }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  const submit = (event: Event): void => {
    event.preventDefault();
    const token = input.current?.value.trim();
    if (token) onToken(token);
  };

  return (
    <main class="sign-in">
      <h1>
        <img src="/icon.svg" alt="" width="32" height="32" /> jamesd
      </h1>
      <form onSubmit={submit}>
        <label for="token">Operator token</label>
        <input
          ref={input}
          id="token"
          type="password"
          autocomplete="off"
          required
          aria-describedby="token-hint"
          aria-invalid={fault !== null}
        />
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <p id="token-hint" class="hint">
          <code>npm start</code> prints an address that carries it. On a server,{' '}
          <code>jamesd serve --token-file</code> names the file that holds it. It is kept in this
          tab only.
        </p>
        <button type="submit">Show the fleet</button>
      </form>
    </main>
  );
}
