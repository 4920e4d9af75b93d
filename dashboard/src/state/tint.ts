// When a changed figure is tinted: once in two seconds, however often it changes, and not when it first appears.

/** As long as the tint of app.css lasts. */
const LASTS_MS = 2000;

export class Tint {
  private shown: string | null = null;
  private tintedAt = -LASTS_MS;

  isDue(text: string, now: number): boolean {
    const isNews = this.shown !== null && this.shown !== text;
    this.shown = text;
    if (!isNews || now - this.tintedAt < LASTS_MS) return false;
    this.tintedAt = now;
    return true;
  }
}
