// Figures and dates as text, by Intl. Whole figures everywhere; short forms are for axes alone. Pure: language
// and currency are given.
import type { Lang } from '../state/url';

export const LOCALES: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' };

const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const DAY_SHORT = { day: 'numeric', month: 'short' } as const;
const WEEKDAY = { weekday: 'long' } as const;
const MONTH = { month: 'long', year: 'numeric' } as const;
const MONTH_SHORT = { month: 'short', year: '2-digit' } as const;
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

export class Format {
  private readonly locale: string;
  private readonly wholes: Intl.NumberFormat;
  private readonly amounts: Intl.NumberFormat;
  private readonly shorts: Intl.NumberFormat;
  private readonly changes: Intl.NumberFormat;
  private readonly shares: Intl.NumberFormat;
  private readonly tenths: Intl.NumberFormat;
  private readonly clock: Intl.DateTimeFormat;
  /** Made once: making one takes longer than writing a thousand dates. */
  private readonly dates = new Map<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>();

  constructor(lang: Lang, currency: string) {
    this.locale = LOCALES[lang];
    const of = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(this.locale, options);
    this.wholes = of({ maximumFractionDigits: 0 });
    // Amounts have cents, also where a currency usually shows none.
    this.amounts = of({ style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.shorts = of({ notation: 'compact', maximumSignificantDigits: 3 });
    this.changes = of({ style: 'percent', signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.shares = of({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.tenths = of({ maximumFractionDigits: 1 });
    this.clock = new Intl.DateTimeFormat(this.locale, { timeStyle: 'medium' });
  }

  whole = (value: number): string => this.wholes.format(value);
  money = (cents: number | null): string => (cents === null ? '–' : this.amounts.format(cents / 100));
  short = (value: number): string => this.shorts.format(value);
  change = (ratio: number): string => this.changes.format(ratio);
  share = (ratio: number): string => this.shares.format(ratio);
  bytes = (value: number): string => {
    const power = Math.max(0, SIZES.findLastIndex((_, i) => value >= 1000 ** i));
    const style = { style: 'unit', unit: SIZES[power], unitDisplay: power === 0 ? 'long' : 'short', maximumFractionDigits: 1 } as const;
    return new Intl.NumberFormat(this.locale, style).format(value / 1000 ** power);
  };
  ms = (value: number): string => `${this.tenths.format(value)}\u00a0ms`;

  day = (day: string): string => this.date(day, DAY);
  dayShort = (day: string): string => this.date(day, DAY_SHORT);
  weekday = (day: string): string => this.date(day, WEEKDAY);
  month = (month: string): string => this.date(`${month}-01`, MONTH);
  monthShort = (month: string): string => this.date(`${month}-01`, MONTH_SHORT);

  /** The hour of the shop's own wall time, or of the machine's moment. */
  time = (moment: string): string => (moment.endsWith('Z') ? this.clock.format(new Date(moment)) : moment.slice(11, 19));

  age = (ms: number): string => {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (seconds < 60) return `${seconds}\u00a0s`;
    return seconds < 3600 ? `${Math.floor(seconds / 60)}\u00a0min` : `${Math.floor(seconds / 3600)}\u00a0h`;
  };

  /** At the beginning of a sentence. */
  title = (text: string): string => text.charAt(0).toLocaleUpperCase(this.locale) + text.slice(1);

  private date(day: string, options: Intl.DateTimeFormatOptions): string {
    const moment = new Date(`${day}T00:00:00Z`);
    // A year of five digits or none is still shown, as the data wrote it.
    if (Number.isNaN(moment.getTime())) return day;
    const writer = this.dates.get(options) ?? new Intl.DateTimeFormat(this.locale, { timeZone: 'UTC', ...options });
    this.dates.set(options, writer);
    return writer.format(moment);
  }
}
