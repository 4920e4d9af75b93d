// The twin of a chart in rows: raw cells for CSV, and how each column is written for people.
import type { Cell } from '../format/csv';

export interface Column {
  key: string;
  label: string;
  isText?: boolean;
  write?: (cell: Cell) => string;
}

/** One entry of a legend. */
export interface Mark {
  name: string;
  shape: 'bar' | 'line';
  colour: string;
}

export interface FigureTable {
  columns: Column[];
  rows: Cell[][];
  /** The column that the chart draws. */
  valueColumn: number;
}

export const textColumn = (key: string, label: string, write?: (text: string) => string): Column => ({
  key,
  label,
  isText: true,
  ...(write && { write: (cell: Cell) => (cell === null ? '–' : write(String(cell))) }),
});

export const numberColumn = (key: string, label: string, write: (value: number) => string): Column => ({
  key,
  label,
  write: (cell: Cell) => (cell === null ? '–' : write(Number(cell))),
});
