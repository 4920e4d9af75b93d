// A bounded list of measurements and what can be said about it.

const KEPT = 500;

export interface Spread {
  count: number;
  min: number;
  mean: number;
  max: number;
  p50: number;
  p99: number;
}

export class Samples {
  private readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
    if (this.values.length > KEPT) this.values.shift();
  }

  spread(): Spread | null {
    const sorted = [...this.values].sort((a, b) => a - b);
    const [min, max] = [sorted[0], sorted.at(-1)];
    if (min === undefined || max === undefined) return null;
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? max;
    return { count: sorted.length, min, max, mean: sorted.reduce((a, b) => a + b, 0) / sorted.length, p50: at(0.5), p99: at(0.99) };
  }
}
