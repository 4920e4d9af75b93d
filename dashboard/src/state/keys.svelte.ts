// Whether single keys are shortcuts: who speaks to his machine, or hits keys unmeant, turns them off. Kept by the browser.
const KEPT_AS = 'goldstream.keys';

function kept(): boolean {
  try {
    return localStorage.getItem(KEPT_AS) !== 'off';
  } catch {
    return true;
  }
}

class Keys {
  areOn = $state(kept());

  turn(to: 'on' | 'off'): void {
    this.areOn = to === 'on';
    try {
      localStorage.setItem(KEPT_AS, to);
    } catch {
      // A browser that keeps nothing is asked again.
    }
  }
}

export const keys = new Keys();
