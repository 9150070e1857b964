const KEY = 'jamesd.token';

/**
 * The operator's token: from the fragment (`#token=…`), which is then taken out of the address, or as this tab had it
 * before; null if there is none. The fragment never travels to the server.
 */
export function takeToken(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get('token');
  if (given) {
    keepToken(given);
    history.replaceState(null, '', location.pathname + location.search);
    return given;
  }
  return sessionStorage.getItem(KEY);
}

/** Keeps the token for this tab, until the tab is closed. */
export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
