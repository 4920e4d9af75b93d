// Pointers on the map: one moves it, two pull it larger or smaller. It knows no map, only pixels of the screen.

export interface Pointed {
  pointerId: number;
  pointerType: string;
  clientX: number;
  clientY: number;
}

interface Acts {
  /** From here on all of it is told, wherever it goes. */
  hold: (pointerId: number) => void;
  move: (dx: number, dy: number) => void;
  pinch: (times: number, about: { clientX: number; clientY: number }) => void;
}

/** Less is a hand that trembles, and still a click. */
const STILL_PX = 4;

export class Grip {
  /** Since it was taken: then its end is no click. */
  hasMoved = false;
  isFinger = false;
  private readonly held = new Map<number, Pointed>();
  private way = 0;

  constructor(private readonly acts: Acts) {}

  taken(event: Pointed, isMovable: boolean): void {
    if (this.held.size === 0) [this.hasMoved, this.way] = [false, 0];
    this.isFinger = event.pointerType !== 'mouse';
    if (isMovable || this.held.size > 0 || this.isFinger) this.held.set(event.pointerId, at(event));
  }

  moved(event: Pointed): void {
    const before = this.held.get(event.pointerId);
    if (before === undefined) return;
    const others = [...this.held.values()].filter(({ pointerId }) => pointerId !== event.pointerId);
    this.held.set(event.pointerId, at(event));
    const [other] = others;
    const [dx, dy] = [before.clientX - event.clientX, before.clientY - event.clientY];
    this.way += Math.abs(dx) + Math.abs(dy);
    if (this.way > STILL_PX && !this.hasMoved) {
      this.hasMoved = true;
      this.acts.hold(event.pointerId);
    }
    if (other === undefined) return void (this.hasMoved && this.acts.move(dx, dy));
    const times = distance(other, event) / Math.max(1, distance(other, before));
    this.acts.pinch(times, { clientX: (other.clientX + event.clientX) / 2, clientY: (other.clientY + event.clientY) / 2 });
  }

  let({ pointerId }: Pointed): void {
    this.held.delete(pointerId);
  }
}

const at = ({ pointerId, pointerType, clientX, clientY }: Pointed): Pointed => ({ pointerId, pointerType, clientX, clientY });
const distance = (a: Pointed, b: Pointed): number => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
