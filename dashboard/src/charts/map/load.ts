// Fetches the outlines, once: they are a chunk of their own, which weighs more than a page.
import { patiently } from '../../api/patiently';
import { worldOf, type World } from './world';

let loading: Promise<World> | null = null;

export function world(): Promise<World> {
  loading ??= patiently(async () => worldOf((await import('./world.json')).default));
  return loading;
}
