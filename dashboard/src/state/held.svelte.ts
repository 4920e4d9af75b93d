// A ranking whose order holds while it is pointed at or has the focus: values change, places do not.

/** The rows in the order of `held`; what is new comes last, what is gone is gone. */
export function inHeldOrder<Row>(rows: readonly Row[], held: readonly string[], key: (row: Row) => string): Row[] {
  const place = new Map(held.map((name, i) => [name, i]));
  const at = (row: Row): number => place.get(key(row)) ?? held.length;
  return [...rows].sort((a, b) => at(a) - at(b));
}

export class Held<Row> {
  private holding = $state.raw<readonly string[] | null>(null);

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

  readonly hold = (): void => {
    this.holding ??= this.live().map(this.key);
  };

  readonly release = (): void => {
    this.holding = null;
  };
}
