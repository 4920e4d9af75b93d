// What is wrong, and how the inputs fare, as the status tells it. Pure.
import type { Input, Status } from '../api/types';

export interface Trouble {
  key: string;
  /** The object as a person calls it: of a file, its last name. */
  name: string;
  kind: 'input' | 'quote' | 'other';
  why: string;
}

const INPUT = 'input ';

/** `file:/shop/achats.csv` is achats.csv. */
export function sourceName(source: string): string {
  const path = source.replace(/^file:/, '');
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? source;
}

/** As the status calls it. */
const REVENUE = 'revenue';

/** `refused` is why the server shows no figures, where it does not: the last status may be older than that. */
export function troublesOf(status: Pick<Status, 'troubles' | 'inputs'> | undefined, refused: string | null = null): Trouble[] {
  // A server of an earlier version tells less.
  const states = new Map((status?.inputs ?? []).map((input) => [INPUT + input.source, input.state]));
  const troubles = { ...status?.troubles, ...(refused !== null && { [REVENUE]: refused }) };
  return Object.entries(troubles).map(([key, why]) => {
    if (!key.startsWith(INPUT)) return { key, name: key, kind: 'other', why };
    const source = key.slice(INPUT.length);
    // The sentence begins with the whole path where it comes from a log's line; the name says it already.
    const words = why.startsWith(`${source}: `) ? why.slice(source.length + 2) : why;
    return { key, name: sourceName(source), kind: states.get(key) === 'open_quote' ? 'quote' : 'input', why: words };
  });
}

export const behindBytes = ({ size_bytes, read_bytes }: Input): number => Math.max(0, size_bytes - read_bytes);

/** How much is read of the files that are read for the first time; null where there is none. Their rows are in the
    figures as they come, so these are not all yet. As /readyz tells it. */
export function readingPercent(inputs: readonly Input[]): number | null {
  const reading = inputs.filter(({ state }) => state === 'reading');
  const size = reading.reduce((sum, input) => sum + input.size_bytes, 0);
  const left = reading.reduce((sum, input) => sum + behindBytes(input), 0);
  if (reading.length === 0) return null;
  return size === 0 ? 0 : Math.floor((100 * (size - left)) / size);
}

/** Those in trouble come first, then those that have most left to read. */
export function byNeed(inputs: readonly Input[]): Input[] {
  const need = ({ state }: Input): number => ['failing', 'open_quote', 'reading'].indexOf(state);
  const place = (input: Input): number => (need(input) < 0 ? 3 : need(input));
  return [...inputs].sort((a, b) => place(a) - place(b) || behindBytes(b) - behindBytes(a) || (a.source < b.source ? -1 : 1));
}
