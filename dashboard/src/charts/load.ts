// Loads the chunk of the charts, once for all of them. Must not draw.
import { patiently } from '../api/patiently';
import type { Engine } from './engine';

type Create = (element: HTMLElement) => Engine;

let loading: Promise<Create> | null = null;

export function load(): Promise<Create> {
  loading ??= patiently(async () => (await import('./engine')).create);
  return loading;
}
