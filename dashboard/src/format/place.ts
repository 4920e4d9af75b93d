// Where a refused row is found, for people: `achats.csv:23667` where its line is known, as `goldstream quarantine` says it.
import type { RefusedRow } from '../api/types';
import { sourceName } from '../state/troubles';

export function placeOf({ source, position, line }: Pick<RefusedRow, 'source' | 'position'> & { line?: number | null }, row: (position: number) => string): string {
  if (!source.startsWith('file:')) return source;
  const name = sourceName(source.replace(/@\d+$/, ''));
  return line === null || line === undefined ? `${name}, ${row(position)}` : `${name}:${line}`;
}
