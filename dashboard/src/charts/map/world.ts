// The outlines of world.json by name. Must not know what is drawn in them.

/** A country's outline, a point in its largest part, and how large that part is, in units of the map. */
export interface Area {
  /** None for a region that ISO 3166-1 has no code for. */
  code: string | null;
  outline: string;
  x: number;
  y: number;
  size: number;
}

/** A country that is too small for an outline. */
export interface Point {
  code: string;
  x: number;
  y: number;
}

export interface World {
  areas: readonly Area[];
  points: readonly Point[];
  /** Every code that has a place. */
  places: ReadonlySet<string>;
}

/** Of the whole map, as its script draws it. */
export const WIDTH = 2000;
export const HEIGHT = 886;

type AreaRow = [code: string | null, outline: string, x: number, y: number, size: number];
type PointRow = [code: string, x: number, y: number];

/** The file is rows of plain values, which is all that a type of JSON can say. */
export function worldOf(file: { areas: readonly (readonly unknown[])[]; points: readonly (readonly unknown[])[] }): World {
  const areas = (file.areas as unknown as readonly AreaRow[]).map(([code, outline, x, y, size]) => ({ code, outline, x, y, size }));
  const points = (file.points as unknown as readonly PointRow[]).map(([code, x, y]) => ({ code, x, y }));
  return { areas, points, places: new Set([...areas.flatMap(({ code }) => code ?? []), ...points.map(({ code }) => code)]) };
}
