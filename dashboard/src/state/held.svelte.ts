// A ranking whose order holds while it is pointed at or has the focus: values change, places do not.

/** The rows in the order of `held`; what is new comes last, what is gone is gone. */
export function inHeldOrder<Row>(rows: readonly Row[], held: readonly string[], key: (row: Row) => string): Row[] {
  const place = new Map(held.map((name, i) => [name, i]));
  const at = (row: Row): number => place.get(key(row)) ?? held.length;
  return [...rows].sort((a, b) => at(a) - at(b));
}

/** Why places hold: the pointer is inside, or the focus is. Either is enough. */
export type Hold = 'pointer' | 'focus';

export class Held<Row> {
  private holding = $state.raw<readonly string[] | null>(null);
  private readonly holds = new Set<Hold>();

  constructor(
    private readonly live: () => readonly Row[],
    private readonly key: (row: Row) => string,
  ) {}

  get rows(): Row[] {
    return this.holding === null ? [...this.live()] : inHeldOrder(this.live(), this.holding, this.key);
  }

  get isOutdated(): boolean {
    const live = this.live();
    return this.holding !== null && this.rows.some((row, i) => row !== live[i]);
  }

  hold(why: Hold): void {
    this.holds.add(why);
    this.holding ??= this.live().map(this.key);
  }

  release(why: Hold): void {
    this.holds.delete(why);
    if (this.holds.size === 0) this.holding = null;
  }

  /** Another order was asked for: it is shown at once, and then holds. */
  renew(): void {
    this.holds.clear();
    this.holding = null;
  }

  /** For the focus that leaves one row for another. */
  readonly left = (event: FocusEvent): void => {
    if (!(event.currentTarget as HTMLElement).contains(event.relatedTarget as Node | null)) this.release('focus');
  };
}
