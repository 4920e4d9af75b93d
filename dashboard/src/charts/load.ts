// Loads the chunk of the charts, once for all of them. Must not draw.
import { patiently } from '../api/patiently';

export type Drawing = Pick<typeof import('./engine'), 'create' | 'optionOf'>;

let loading: Promise<Drawing> | null = null;

export function load(): Promise<Drawing> {
  loading ??= patiently(() => import('./engine'));
  return loading;
}
