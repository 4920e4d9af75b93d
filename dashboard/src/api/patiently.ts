// Fetches a part of the page itself. A server that is away just then is waited for: without it the page would lack
// the part until somebody loads it again. Must not know what is fetched.
const AGAIN_MS = 1000;

export async function patiently<Part>(fetch: () => Promise<Part>): Promise<Part> {
  for (;;) {
    try {
      return await fetch();
    } catch {
      // The connection's light says already that the server is away.
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}
