// Where the rows of a table stand that are in the page: a long one has only those in sight. Pure.

/** A row by its place among all, and the height left out above it. */
export interface Placed {
  index: number;
  gap: number;
}

export interface Rows {
  placed: readonly Placed[];
  /** The height left out below the last. */
  after: number;
  /** The first that is seen. */
  inSight: number;
}

/** More are windowed: a thousand rows of ten columns are 33,000 nodes. */
export const WHOLE_MAX = 100;

export function everyRow(count: number): Rows {
  return { placed: Array.from({ length: count }, (_, index) => ({ index, gap: 0 })), after: 0, inSight: 0 };
}
