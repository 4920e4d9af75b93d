// The names by which the page knows the server's shapes. All that the documents describe is generated; here
// stands only what they leave to the reader. No behaviour here.
import type { Accounting, Country, Customer, Day, Gold, Month, Product, Status as DocumentedStatus, Summary } from './generated';

export type { Accepted, Accounting, Country, Customer, Day, Gold, Month, Product, Receipt, RefusedRow, Summary } from './generated';

/** The document leaves open what a proof says. */
export type Status = Omit<DocumentedStatus, 'verified'> & { verified: { at: string; rows: number; differences: number } | null };

/** A page of a list, at one version. */
export type Rows<Row> = Pick<Gold, 'epoch' | 'version' | 'as_of'> & { rows: Row[]; next: string | null };

export interface Purchase {
  purchase_id: string;
  customer_id: string;
  purchased_at: string;
  amount_cents: number;
  product: string;
  country: string | null;
  ingested_at: string | null;
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
