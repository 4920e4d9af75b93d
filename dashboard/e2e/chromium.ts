// Where the system's Chromium is. A test without it fails and says so.
import { existsSync } from 'node:fs';

const PLACES = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function chromium(): string {
  const found = PLACES.find((place) => place !== '' && existsSync(place));
  if (found === undefined) throw new Error('no Chromium: `make setup` installs it, or CHROMIUM names one');
  return found;
}
