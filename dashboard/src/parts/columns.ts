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
  link?: (row: Row) => { href: string; open: () => void };
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

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

export function matching<Row>(rows: readonly Row[], query: string, of: (row: Row) => string): Row[] {
  const wanted = plain(query.trim());
  return wanted === '' ? [...rows] : rows.filter((row) => plain(of(row)).includes(wanted));
}
