// What a column of DataTable is, and the sorting and searching of rows that are all here. Pure.
import type { Format } from '../format/numbers';

export interface TableColumn<Row> {
  key: string;
  label: string;
  text: (row: Row, format: Format) => string;
  isText?: boolean;
  sortable?: boolean;
  /** The whole, where the cell cannot show it. */
  title?: (row: Row) => string | null;
  colour?: (row: Row) => string;
  /** Stands second on a narrow screen, where what is to the right is out of sight. */
  isMain?: boolean;
  /** Null where this row leads nowhere. */
  link?: (row: Row) => { href: string; open: () => void } | null;
}

/** As a narrow screen shows them: the main one beside the first. */
export function narrowed<Row>(columns: readonly TableColumn<Row>[]): TableColumn<Row>[] {
  const [first, ...others] = columns;
  return first ? [first, ...others.filter(({ isMain }) => isMain), ...others.filter(({ isMain }) => !isMain)] : [];
}

/** By the column `sort` names, falling where a minus leads; equal rows keep their places, null comes last. */
export function sortRows<Row extends object>(rows: readonly Row[], sort: string): Row[] {
  const key = sort.replace(/^-/, '') as keyof Row;
  const sign = sort.startsWith('-') ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [a[key] ?? null, b[key] ?? null];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return x < y ? -sign : x > y ? sign : 0;
  });
}

const NARROW = /[\sijlftr.,:'’|()-]/g;
const WIDE = /[mwMWA-Z@%]/g;
/** How wide a text is in about, in halves of a digit. */
const breadth = (text: string): number => 2 * text.length - (text.match(NARROW)?.length ?? 0) + (text.match(WIDE)?.length ?? 0) / 2;

/** So many are as good as surely the widest. */
const WIDEST = 4;

/** Rows of the widest texts of each column. */
export function widest<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[], format: Format): string[][] {
  const texts = columns.map((column) => [...new Set(rows.map((row) => column.text(row, format)))].map((text) => [breadth(text), text] as const).sort(([a], [b]) => b - a));
  return Array.from({ length: WIDEST }, (_, i) => texts.map((column) => column[i]?.[1] ?? ''));
}

/** How many rows a page of keys is. */
const LEAP = 10;

/** The row that a key leads to from another, within the table; null for any other key. */
export function stepTo(key: string, from: number, count: number): number | null {
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: LEAP, PageUp: -LEAP, Home: -count, End: count };
  const step = steps[key];
  return step === undefined || Number.isNaN(from) ? null : Math.min(count - 1, Math.max(0, from + step));
}

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

export function matching<Row>(rows: readonly Row[], query: string, of: (row: Row) => string): Row[] {
  const wanted = plain(query.trim());
  return wanted === '' ? [...rows] : rows.filter((row) => plain(of(row)).includes(wanted));
}
