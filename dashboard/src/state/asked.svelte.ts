// An answer of the server that lies outside the feed's views. Another question is asked at once, the same one
// again at its pace, never two at a time. Must not know what is asked.

const EVERY_MS = 1000;

interface Question<Answer> {
  key: string;
  ask: () => Promise<Answer>;
}

export class Asked<Answer> {
  /** Of the question asked last, or of the one before it until that is answered: nothing is blanked. */
  answer = $state.raw<Answer | null>(null);
  failure = $state('');
  /** Whether there was an answer, which may be that there is none. */
  isAnswered = $state(false);
  /** What failed, for who says it in the reader's words. */
  error: unknown = null;
  private wanted: Question<Answer> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private askedAt = -Infinity;
  private isBusy = false;

  constructor(private readonly everyMs = EVERY_MS) {}

  /** The same `key` is the same question, which only a new version makes worth asking. */
  ask(key: string, ask: () => Promise<Answer>): void {
    const isOther = key !== this.wanted?.key;
    this.wanted = { key, ask };
    if (isOther) this.askedAt = -Infinity;
    this.plan(isOther);
  }

  again(): void {
    this.askedAt = -Infinity;
    this.plan(true);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wanted = null;
  }

  private plan(isSooner: boolean): void {
    if (this.isBusy || (this.timer !== undefined && !isSooner)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fetch(), Math.max(0, this.askedAt + this.everyMs - performance.now()));
  }

  private async fetch(): Promise<void> {
    const asked = this.wanted;
    this.timer = undefined;
    if (asked === null) return;
    this.isBusy = true;
    this.askedAt = performance.now();
    const isWanted = (): boolean => this.wanted?.key === asked.key;
    try {
      const answer = await asked.ask();
      if (isWanted()) [this.answer, this.failure, this.isAnswered] = [answer, '', true];
    } catch (error) {
      this.error = error;
      if (isWanted()) this.failure = error instanceof Error ? error.message : String(error);
    }
    this.isBusy = false;
    if (!isWanted()) this.askedAt = -Infinity;
    if (this.wanted !== null && this.wanted !== asked) this.plan(false);
  }
}
