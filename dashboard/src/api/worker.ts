// Has the browser keep the page itself, see public/sw.js. Where it does not, the page only does not open without its server.

export async function keepPage(): Promise<void> {
  try {
    await navigator.serviceWorker.register('/sw.js');
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    active?.postMessage(loaded.filter((name) => name.startsWith(`${location.origin}/assets/`)));
  } catch {
    // Over plain HTTP from another machine, or as a private visit.
  }
}
