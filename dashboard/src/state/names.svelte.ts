// The names of customers whom the feed's window leaves out, asked for one by one where the reader wants names.
import { get } from '../api/rest';
import type { Customer } from '../api/types';

/** Far more than a screen shows at once. */
const KEPT = 200;

export class Names {
  private names = $state.raw<ReadonlyMap<string, string | null>>(new Map());
  private readonly pending = new Set<string>();

  of(id: string): string | null {
    return this.names.get(id) ?? null;
  }

  /** Each id is asked once; who cannot be found stays an id. */
  want(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.names.has(id) || this.pending.has(id)) continue;
      this.pending.add(id);
      void this.ask(id);
    }
  }

  private async ask(id: string): Promise<void> {
    const name = await get<Customer>(`/customers/${encodeURIComponent(id)}`).then((row) => row.name, () => null);
    this.pending.delete(id);
    this.names = new Map([...this.names, [id, name] as const].slice(-KEPT));
  }
}
