// Loads the chunk of the charts, once for all of them. A server that is away just then is waited for: without
// the chunk the page would show no chart until somebody loads it again. Must not draw.
import type { Engine } from './engine';

const AGAIN_MS = 1000;
type Create = (element: HTMLElement) => Engine;

let loading: Promise<Create> | null = null;

export function load(): Promise<Create> {
  loading ??= patiently();
  return loading;
}

/** Once the frame is painted: the figures come first, the charts' large chunk after them. */
function painted(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

async function patiently(): Promise<Create> {
  await painted();
  for (;;) {
    try {
      return (await import('./engine')).create;
    } catch {
      // The connection's light says already that the server is away.
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}
