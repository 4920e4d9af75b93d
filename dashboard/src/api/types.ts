// The shapes of the server's answers, by the names of its contract. No behaviour here.

export interface Summary {
  customers: number;
  buyers: number;
  products: number;
  countries: number;
  orders: number;
  revenue_cents: number;
  average_basket_cents: number | null;
  average_customer_value_cents: number | null;
}

export interface Accounting {
  accepted_purchases: number;
  duplicate_purchases: number;
  customer_versions: number;
  unchanged_customers: number;
  quarantined: Record<string, number>;
}

export interface Customer {
  customer_id: string;
  known: boolean;
  name: string | null;
  email: string | null;
  signup_date: string | null;
  country: string | null;
  orders: number;
  revenue_cents: number;
  average_cents: number | null;
  first_purchase: string | null;
  last_purchase: string | null;
}

export interface Product {
  product: string;
  orders: number;
  revenue_cents: number;
  average_cents: number;
  min_cents: number;
  max_cents: number;
}

export interface Month {
  month: string;
  orders: number;
  revenue_cents: number;
  average_basket_cents: number;
  customers: number;
}

export interface Day {
  day: string;
  orders: number;
  revenue_cents: number;
}

export interface Country {
  country: string | null;
  buyers: number;
  orders: number;
  revenue_cents: number;
  average_basket_cents: number;
}

export interface Purchase {
  purchase_id: string;
  customer_id: string;
  purchased_at: string;
  amount_cents: number;
  product: string;
  country: string | null;
  ingested_at: string | null;
}

export interface Status {
  demo?: boolean;
  lag: { records: number; ms: number };
  rows_per_second: number;
  latency: { p50_ms: number | null; p99_ms: number | null };
  memory_bytes: number | null;
  clients: number;
  verified: { at: string; rows: number; differences: number } | null;
}

export interface Quarantined {
  source: string | null;
  position: string | null;
  reason: string;
  detail: string;
  raw: unknown;
  at: string | null;
}

export interface Receipt {
  state: 'pending' | 'counted';
}

export interface Rows<Row> {
  epoch: string;
  version: number;
  rows: Row[];
  next: string | null;
}

/** The rows of every view that is a table, by the view's name. */
export interface TableRows {
  customers: Customer;
  products: Product;
  months: Month;
  days: Day;
  countries: Country;
  purchases: Purchase;
}

/** The views that are one object. */
export interface Singles {
  summary: Summary;
  accounting: Accounting;
  status: Status;
}

export type TableName = keyof TableRows;
export type SingleName = keyof Singles;
export type ViewName = TableName | SingleName;
export type ViewSpec = Partial<Record<ViewName, { top?: number; country?: string }>>;
export type Key = string | null;

export interface Position {
  epoch: string;
  version: number;
}

export type Frame =
  | { op: 'hello'; epoch: string; version: number; heartbeat_ms: number }
  | { op: 'snapshot'; epoch: string; version: number; as_of: string; views: Record<string, unknown> }
  | { op: 'update'; epoch: string; prev: number; version: number; as_of: string; ingested_at: string | null; views: Record<string, unknown> }
  | { op: 'heartbeat'; epoch: string; version: number }
  | { op: 'pong'; id: string }
  | { op: 'error'; code: string; detail: string }
  | { op: 'server_shutdown'; reconnect_after_ms: number };

export type DataFrame = Extract<Frame, { op: 'snapshot' | 'update' }>;
