// Whether the reader wishes notifications of his browser: his wish, and that of the browser. Must not show any.
const KEPT_AS = 'goldstream.notify';

export const canNotify = (): boolean => 'Notification' in window;

export function isWished(): boolean {
  try {
    return canNotify() && Notification.permission === 'granted' && localStorage.getItem(KEPT_AS) === 'on';
  } catch {
    return false;
  }
}

/** What came of the wish: a browser may refuse. */
export async function wish(isOn: boolean): Promise<boolean> {
  try {
    const isGranted = isOn && canNotify() && (await Notification.requestPermission()) === 'granted';
    localStorage.setItem(KEPT_AS, isGranted ? 'on' : 'off');
  } catch {
    // A browser that keeps nothing notifies of nothing.
  }
  return isWished();
}
