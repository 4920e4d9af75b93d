// Notifications of the browser, one for each incident, however many pages are open. Fetched when the first is shown.
import type { Alert } from '../api/types';

export function notify(alerts: readonly Alert[]): void {
  for (const { id, message } of alerts) {
    try {
      const notification = new Notification('goldstream', { body: message, tag: id });
      notification.onclick = () => window.focus();
    } catch {
      // Some browsers let only a service worker show them; the bell tells it all the same.
    }
  }
}
