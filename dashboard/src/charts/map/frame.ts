// What part of the map is seen: zoomed about a point, moved, and never beyond its edges. Pure, in units of the map.
import { HEIGHT, WIDTH } from './world';

export interface Frame {
  x: number;
  y: number;
  /** How many times larger than the whole. */
  zoom: number;
}

export const WHOLE: Frame = { x: 0, y: 0, zoom: 1 };
const ZOOM_MAX = 24;
/** Where countries are small and many. */
const EUROPE = { x: 850, y: 55, width: 330, height: 220 };

const within = (value: number, size: number, all: number): number => Math.min(Math.max(0, value), all - size);

/** The nearest frame that lies on the map. */
export function kept({ x, y, zoom }: Frame): Frame {
  const held = Math.min(ZOOM_MAX, Math.max(1, zoom));
  return { x: within(x, WIDTH / held, WIDTH), y: within(y, HEIGHT / held, HEIGHT), zoom: held };
}

/** `times` larger, with the point in its place. */
export function zoomed(frame: Frame, times: number, about: { x: number; y: number }): Frame {
  const zoom = Math.min(ZOOM_MAX, Math.max(1, frame.zoom * times));
  const by = frame.zoom / zoom;
  return kept({ x: about.x - (about.x - frame.x) * by, y: about.y - (about.y - frame.y) * by, zoom });
}

export const moved = (frame: Frame, dx: number, dy: number): Frame => kept({ ...frame, x: frame.x + dx, y: frame.y + dy });

export const middle = ({ x, y, zoom }: Frame) => ({ x: x + WIDTH / zoom / 2, y: y + HEIGHT / zoom / 2 });

/** Moved as little as shows the point, with some room about it. */
export function showing(frame: Frame, { x, y }: { x: number; y: number }): Frame {
  const [width, height] = [WIDTH / frame.zoom, HEIGHT / frame.zoom];
  const nearest = (from: number, size: number, at: number): number => Math.max(at - size * 0.9, Math.min(from, at - size * 0.1));
  return kept({ ...frame, x: nearest(frame.x, width, x), y: nearest(frame.y, height, y) });
}

export const europe = (): Frame => {
  const zoom = Math.min(WIDTH / EUROPE.width, HEIGHT / EUROPE.height);
  return kept({ x: EUROPE.x + (EUROPE.width - WIDTH / zoom) / 2, y: EUROPE.y + (EUROPE.height - HEIGHT / zoom) / 2, zoom });
};

export const boxOf = ({ x, y, zoom }: Frame): string => `${x} ${y} ${WIDTH / zoom} ${HEIGHT / zoom}`;
