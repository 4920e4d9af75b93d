// What a chart shows, as data. Pages speak of plots; only options.ts knows how ECharts says it.

interface Base {
  /** How a value is written in the tooltip, and shortly on an axis. */
  value: (value: number) => string;
  short: (value: number) => string;
}

/** `starts` says which labels of a long axis may be written; `partialLast`, that the last value still grows; `dashed` and `band` are what is not yet. */
export type Plot =
  | (Base & { kind: 'time'; labels: string[]; axisLabels: string[]; bars?: Series; line?: Series; zoom?: boolean; partialLast?: boolean; starts?: boolean[]; dashed?: Series; band?: Band })
  | (Base & { kind: 'donut'; slices: { name: string; value: number; colour: string }[] })
  | (Base & { kind: 'range'; rows: { name: string; min: number; mean: number; max: number }[] })
  | (Base & { kind: 'bars'; rows: { name: string; value: number; extra?: number }[]; names: [string, string] });

/** Between what values lie. */
export interface Band {
  name: string;
  low: (number | null)[];
  high: (number | null)[];
}

export interface Series {
  name: string;
  values: (number | null)[];
}

/** How the screen is: its colours, whether it is to stand still, whether it is a narrow one. */
export interface Tokens {
  isStill: boolean;
  isNarrow: boolean;
  ink: string;
  muted: string;
  line: string;
  panel: string;
  accent: string;
  /** The accent where it fills, and needs not be read. */
  gold: string;
  soft: string;
}
