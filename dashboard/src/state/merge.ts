// Keyed tables of a shop: frames are merged in, immutable snapshots come out. Must not know the screen.
import { isObject } from '../api/parse';
import type { DataFrame, Key, Singles, TableName, TableRows } from '../api/types';

type Views = { [Name in TableName]?: TableRows[Name][] } & Partial<Singles>;
export type Snapshot = Readonly<Views>;
type Compare<Row> = (a: Row, b: Row) => number;

const byText = (a: Key, b: Key): number => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1);
const byRevenue =
  <Row extends { revenue_cents: number }>(key: (row: Row) => Key): Compare<Row> =>
  (a, b) =>
    b.revenue_cents - a.revenue_cents || byText(key(a), key(b));

const KEYS: { [Name in TableName]: (row: TableRows[Name]) => Key } = {
  customers: (row) => row.customer_id,
  products: (row) => row.product,
  months: (row) => row.month,
  days: (row) => row.day,
  countries: (row) => row.country,
  purchases: (row) => row.purchase_id,
  alerts: (row) => row.id,
};

const ORDERS: { [Name in TableName]: Compare<TableRows[Name]> | null } = {
  customers: byRevenue(KEYS.customers),
  products: byRevenue(KEYS.products),
  months: (a, b) => byText(a.month, b.month),
  days: (a, b) => byText(a.day, b.day),
  countries: byRevenue(KEYS.countries),
  // The last accepted come last in the map, and first on the screen.
  purchases: null,
  alerts: (a, b) => byText(b.opened_at, a.opened_at) || byText(a.id, b.id),
};

const SINGLES: readonly string[] = ['summary', 'accounting', 'status'] satisfies (keyof Singles)[];
const isTable = (name: string): name is TableName => name in KEYS;

interface Change<Row> {
  upsert: Row[];
  delete: Key[];
}

function rowsOf<Name extends TableName>(value: unknown): TableRows[Name][] {
  return Array.isArray(value) ? (value.filter(isObject) as unknown as TableRows[Name][]) : [];
}

function changeOf<Name extends TableName>(value: unknown): Change<TableRows[Name]> {
  if (!isObject(value)) return { upsert: [], delete: [] };
  return { upsert: rowsOf<Name>(value['upsert']), delete: Array.isArray(value['delete']) ? (value['delete'] as Key[]) : [] };
}

export class Merged {
  private readonly tables = new Map<TableName, Map<Key, unknown>>();
  private current: Snapshot = {};
  private readonly touched = new Set<TableName>();

  apply(frame: DataFrame): void {
    if (frame.op === 'snapshot') {
      this.tables.clear();
      this.touched.clear();
      this.current = {};
    }
    for (const [name, value] of Object.entries(frame.views)) {
      if (isTable(name)) this.merge(name, frame.op === 'snapshot', value);
      else if (SINGLES.includes(name) && isObject(value)) this.current = { ...this.current, [name]: value };
    }
  }

  private merge<Name extends TableName>(name: Name, isWhole: boolean, value: unknown): void {
    const table = (this.tables.get(name) ?? new Map()) as Map<Key, TableRows[Name]>;
    const change = isWhole ? { upsert: rowsOf<Name>(value), delete: [] } : changeOf<Name>(value);
    for (const key of change.delete) table.delete(key);
    // Purchases arrive newest first; the map keeps the order in which they came.
    const rows = name === 'purchases' ? [...change.upsert].reverse() : change.upsert;
    for (const row of rows) table.set(KEYS[name](row), row);
    this.tables.set(name, table);
    this.touched.add(name);
  }

  /** Only what changed is sorted anew: an untouched table is the very same array. */
  snapshot(): Snapshot {
    for (const name of this.touched) this.current = { ...this.current, [name]: this.sorted(name) };
    this.touched.clear();
    return this.current;
  }

  private sorted<Name extends TableName>(name: Name): TableRows[Name][] {
    const rows = [...((this.tables.get(name)?.values() ?? []) as Iterable<TableRows[Name]>)];
    const order: Compare<TableRows[Name]> | null = ORDERS[name];
    return order === null ? rows.reverse() : rows.sort(order);
  }
}

