// The server's token, where it wants one: asked for once and kept by this browser. It goes to our own server only.
const KEPT_AS = 'goldstream.token';

export function token(): string | null {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    // A browser that keeps nothing is asked again.
    return null;
  }
}

export function keepToken(text: string): void {
  try {
    localStorage.setItem(KEPT_AS, text.trim());
  } catch {
    // As above.
  }
}

/** The header that shows it; none where no token is known. */
export function shown(): Record<string, string> {
  const known = token();
  return known === null ? {} : { Authorization: `Bearer ${known}` };
}
