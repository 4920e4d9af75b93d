// Values as a few tones, each darker than the one before: on paper, and to who sees no colours, they are still told
// apart. Where one value dwarfs the others the steps grow by factors, else by sums. Pure.

export const TONES = 6;
/** The largest is so many times the middle one: by sums all others would be of one tone. */
const DWARFED = 8;

export interface Scale {
  /** Where each tone after the first begins. */
  bounds: number[];
  isLog: boolean;
}

export function scaleOf(values: readonly number[]): Scale {
  const known = values.filter((value) => value > 0).sort((a, b) => a - b);
  const [min, max] = [known[0], known.at(-1)];
  if (min === undefined || max === undefined) return { bounds: [], isLog: false };
  const middle = known[Math.floor(known.length / 2)] ?? max;
  // Of two the smaller one is the middle: they are not many that one of them dwarfs.
  const isLog = known.length > 2 && max > DWARFED * middle;
  const wanted = Array.from({ length: TONES - 1 }, (_, i) => (isLog ? byFactor : bySum)(min, max, (i + 1) / TONES));
  const bounds = [...new Set(wanted.map((value) => (isLog ? round(value) : value)))].filter((bound) => bound > min && bound <= max);
  return { bounds, isLog };
}

const byFactor = (min: number, max: number, at: number): number => min * (max / min) ** at;

/** Equal steps of a round size, from zero on. */
function bySum(_: number, max: number, at: number): number {
  const step = roundUp(max / TONES);
  return Math.round(at * TONES) * step;
}

const power = (value: number): number => 10 ** Math.floor(Math.log10(value));

/** The nearest of 1, 2, 5 times a power of ten. */
function round(value: number): number {
  const unit = power(value);
  const steps = [1, 2, 5, 10].map((step) => step * unit);
  return steps.reduce((a, b) => (Math.abs(Math.log(b / value)) < Math.abs(Math.log(a / value)) ? b : a));
}

function roundUp(value: number): number {
  const unit = power(value);
  return ([1, 2, 2.5, 5, 10].find((step) => step * unit >= value) ?? 10) * unit;
}

/** From 0 on, as many as there are bounds. */
export function toneOf(value: number, { bounds }: Scale): number {
  return bounds.filter((bound) => value >= bound).length;
}
