// Keeps the page itself, so that it opens while the server is away and shows what it last knew. Figures and answers
// never pass here: only `/` and what Vite names by its contents.
const KEPT = 'goldstream-page';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// The page tells what it was made of: loaded before this worker was there, it lies in the browser's own cache.
self.addEventListener('message', (event) => event.waitUntil(keepAll(event.data)));

self.addEventListener('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== self.location.origin) return;
  if (event.request.mode === 'navigate' && pathname === '/') event.respondWith(page(event.request));
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(event.request));
});

async function keepAll(addresses) {
  await page('/');
  const kept = await caches.open(KEPT);
  for (const address of addresses) if (!(await kept.match(address))) await kept.add(address).catch(() => undefined);
}

/** The server's while it is there, whatever it says; the last one else. What led elsewhere, to a log-in perhaps, is not the page. */
async function page(request) {
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await keep(fresh.clone());
    return fresh;
  } catch {
    return (await caches.match('/')) ?? Response.error();
  }
}

/** Another page has other assets: what the last one was made of is of no use any more. */
async function keep(fresh) {
  const last = await caches.match('/');
  const text = await fresh.clone().text();
  if (last && (await last.text()) !== text) await caches.delete(KEPT);
  await (await caches.open(KEPT)).put('/', fresh);
}

/** Its name says what is in it, so it never changes. */
async function asset(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await (await caches.open(KEPT)).put(request, fresh.clone());
  return fresh;
}
