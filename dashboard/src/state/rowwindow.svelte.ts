// Which rows of a long table stand in the page: those in sight and some around them, and one that must not go. Loaded
// with the first long table. Must not know what a row shows.
import { defaultRangeExtractor, elementScroll, measureElement, observeElementOffset, observeElementRect, Virtualizer, type VirtualizerOptions } from '@tanstack/virtual-core';
import { untrack } from 'svelte';
import { everyRow, type Placed, type Rows } from './placed';

const OVERSCAN = 12;
/** Before one is measured. */
const ROW_PX = 30;

export class RowWindow {
  private changes = $state(0);
  private keys: readonly string[] = [];
  private kept = -1;
  /** Most rows are of one height: that of the first is what all are taken to have, so that the place of none moves. */
  private rowPx: number | null = null;
  private readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  private readonly unmount: () => void;

  /** `scroller` is what scrolls; the rows begin below its `headPx`, which stay in sight. */
  constructor(
    private readonly scroller: HTMLElement,
    private readonly headPx: number,
  ) {
    this.virtualizer = new Virtualizer(this.options());
    // A place put right while the browser scrolls by itself would end its scrolling.
    this.virtualizer.shouldAdjustScrollPositionOnItemSizeChange = () => false;
    this.unmount = this.virtualizer._didMount();
    this.virtualizer._willUpdate();
  }

  end(): void {
    this.unmount();
  }

  /** The rows to show of those with these keys, the one at `kept` among them wherever it is. */
  rows(keys: readonly string[], kept: number): Rows {
    void this.changes;
    return untrack(() => {
      [this.keys, this.kept] = [keys, kept];
      this.virtualizer.setOptions(this.options());
      return this.placed();
    });
  }

  /** To the last row, whose place is known once those before it are measured. */
  toEnd(): void {
    this.virtualizer.scrollToIndex(this.keys.length - 1, { align: 'end' });
  }

  /** For each row that is shown: how high it is. */
  readonly measured = (row: HTMLElement): (() => void) => {
    this.rowPx ??= row.getBoundingClientRect().height || null;
    this.virtualizer.measureElement(row);
    return () => this.virtualizer.measureElement(null);
  };

  private placed(): Rows {
    const items = this.virtualizer.getVirtualItems();
    // Before the browser has told how high the table is.
    if (items.length === 0) return everyRow(Math.min(this.keys.length, 2 * OVERSCAN));
    let end = this.headPx;
    const placed = items.map((item): Placed => {
      const gap = item.start - end;
      end = item.end;
      return { index: item.index, gap };
    });
    return { placed, after: Math.max(0, this.virtualizer.getTotalSize() + this.headPx - end), inSight: this.virtualizer.range?.startIndex ?? 0 };
  }

  private options(): VirtualizerOptions<HTMLElement, HTMLElement> {
    const [keys, kept] = [this.keys, this.kept];
    return {
      count: keys.length,
      getScrollElement: () => this.scroller,
      estimateSize: () => this.rowPx ?? ROW_PX,
      getItemKey: (index) => keys[index] ?? index,
      rangeExtractor: (range) => {
        const shown = defaultRangeExtractor(range);
        return kept < 0 || kept >= keys.length || shown.includes(kept) ? shown : [...shown, kept].sort((a, b) => a - b);
      },
      overscan: OVERSCAN,
      scrollMargin: this.headPx,
      observeElementRect,
      observeElementOffset,
      measureElement,
      scrollToFn: elementScroll,
      indexAttribute: 'data-at',
      onChange: () => (this.changes += 1),
    };
  }
}
