// The last figures, kept by this browser: what a reload shows while the server is away, marked as old.
import type { Snapshot } from './merge';

export interface Kept {
  data: Snapshot;
  as_of: string;
  /** By this browser's clock. */
  at: number;
}

const KEPT_AS = 'goldstream.last';
/** A browser keeps some megabytes for a site; that a shop is large must not cost it its other settings. */
const MOST = 1_000_000;

export function keepFigures(kept: Kept): void {
  try {
    // Who uses this browser next is not to find out who buys.
    const customers = kept.data.customers?.map((row) => ({ ...row, name: null, email: null }));
    const text = JSON.stringify({ ...kept, data: { ...kept.data, ...(customers && { customers }) } });
    if (text.length <= MOST) localStorage.setItem(KEPT_AS, text);
  } catch {
    // A browser that keeps nothing waits for the server.
  }
}

export function keptFigures(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT_AS) ?? 'null') as Kept | null;
    return typeof kept?.as_of === 'string' && typeof kept.at === 'number' && typeof kept.data === 'object' ? kept : null;
  } catch {
    return null;
  }
}
