// The thin interpreter of machine.ts: it owns the one socket and the timers, and decides nothing.
import { parseFrame } from '../api/parse';
import { token } from '../api/token';
import type { DataFrame, ViewSpec } from '../api/types';
import { initial, isSilent, step, type Connection, type Effect, type Event } from './machine';

const TICK_MS = 200;
/** The feed's own default: at most twenty frames a second, each drawn with the next animation frame. */
const INTERVAL_MS = 50;
const PING_MS = 5_000;

export interface FeedListener {
  changed(connection: Connection): void;
  frame(frame: DataFrame): void;
  roundTrip(ms: number): void;
}

const chance = () => ({ chance: Math.random(), page: document.visibilityState });

type Unstamped<E> = E extends Event ? Omit<E, 'now'> : never;

export class Feed {
  private connection: Connection;
  private socket: WebSocket | null = null;
  private timer: number | undefined;
  private pingedAt = 0;

  constructor(
    private readonly url: string,
    views: ViewSpec,
    private readonly listener: FeedListener,
  ) {
    this.connection = initial(views);
  }

  start(): void {
    this.timer = window.setInterval(() => this.tick(), TICK_MS);
    window.addEventListener('online', this.wake);
    document.addEventListener('visibilitychange', this.wake);
    this.tell({ type: 'start' });
  }

  stop(): void {
    window.clearInterval(this.timer);
    window.removeEventListener('online', this.wake);
    document.removeEventListener('visibilitychange', this.wake);
    this.drop();
  }

  watch(views: ViewSpec): void {
    this.tell({ type: 'watch', views });
  }

  pause(): void {
    this.tell({ type: 'pause' });
  }

  resume(): void {
    this.tell({ type: 'resume' });
  }

  /** Does not wait any longer for the next attempt. */
  tryNow(): void {
    this.tell({ type: 'wake' });
  }

  private readonly wake = (): void => {
    if (document.visibilityState === 'visible') this.tell({ type: 'wake' });
  };

  private tick(): void {
    const now = Date.now();
    if (isSilent(this.connection, now)) return this.tell({ type: 'silent', ...chance() });
    if (this.connection.phase.kind === 'live' && now - this.pingedAt > PING_MS) this.ping(now);
    this.tell({ type: 'tick' });
  }

  private ping(now: number): void {
    this.pingedAt = now;
    this.send({ op: 'ping', id: String(performance.now()) });
  }

  private tell(event: Unstamped<Event>): void {
    const [next, effects] = step(this.connection, { ...event, now: Date.now() });
    const isChanged = next !== this.connection;
    this.connection = next;
    effects.forEach((effect) => this.perform(effect));
    if (isChanged) this.listener.changed(this.connection);
  }

  private perform(effect: Effect): void {
    switch (effect.do) {
      case 'connect':
        return this.connect();
      case 'disconnect':
        return this.drop();
      case 'subscribe':
        return this.send({ op: 'subscribe', id: 'main', views: effect.views, interval_ms: INTERVAL_MS, ...(effect.after && { after: effect.after }) });
      case 'apply':
        return this.listener.frame(effect.frame);
    }
  }

  private connect(): void {
    this.drop();
    const socket = new WebSocket(this.url, 'goldstream.v1');
    this.socket = socket;
    // A socket that was dropped may still speak; nobody listens to it any more.
    const ifCurrent = (then: () => void) => (this.socket === socket ? then() : undefined);
    socket.onopen = () => ifCurrent(() => this.opened());
    socket.onmessage = (message: MessageEvent<unknown>) => ifCurrent(() => this.hear(message.data));
    socket.onclose = ({ code }) => ifCurrent(() => this.tell({ type: 'closed', code, ...chance() }));
  }

  private opened(): void {
    const known = token();
    // A page may send no headers with a socket: its token goes first.
    if (known !== null) this.send({ op: 'auth', token: known });
    this.tell({ type: 'opened' });
  }

  private hear(data: unknown): void {
    const frame = parseFrame(data);
    if (frame === null) return;
    if (frame.op === 'pong') this.listener.roundTrip(performance.now() - Number(frame.id));
    this.tell({ type: 'frame', frame });
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
