// The names by which the page knows the server's shapes. All that the documents describe is generated; here
// stands only what they leave to the reader. No behaviour here.
import type * as wire from './generated';

export type { Accepted, Accounting, Alert, Country, Customer, Day, Forecast, Gold, Month, Product, Purchase, Receipt, RefusedRow, ShopTime, Summary } from './generated';

/** The document leaves open which troubles there are: each by its name, in one sentence. */
export type Status = Omit<wire.Status, 'troubles'> & { troubles: Record<string, string> };
export type Input = wire.Status['inputs'][number];

/** A page of a list, at one version. */
export type Rows<Row> = Pick<wire.Gold, 'epoch' | 'version' | 'as_of'> & { rows: Row[]; next: string | null };

type Views = Required<wire.SnapshotViews>;
type Tables = { [Name in keyof Views as Views[Name] extends unknown[] ? Name : never]: Views[Name] };

export type TableName = keyof Tables;
/** The rows of every view that is a table, by the view's name. */
export type TableRows = { [Name in TableName]: Tables[Name][number] };
/** The views that are one object. */
export type Singles = Omit<Views, TableName | 'status'> & { status: Status };

/** What a view may be asked for. */
export type ViewSpec = wire.SubscribedViews;
export type Key = string | null;
export type Position = NonNullable<wire.Subscribe['after']>;

/** A frame of the subscription, its views not looked into yet. */
type Unread<Frame> = Omit<Frame, 'id' | 'views'> & { views: Record<string, unknown> };
export type DataFrame = Unread<wire.Snapshot> | Unread<wire.Update>;

/** What the page reads of each frame; a newer server knows more codes. */
export type Frame =
  | Omit<wire.Hello, 'protocol'>
  | DataFrame
  | Omit<wire.Heartbeat, 'at'>
  | Omit<wire.Pong, 'at'>
  | (Pick<wire.Error, 'op' | 'detail'> & { code: string })
  | wire.ServerShutdown;
