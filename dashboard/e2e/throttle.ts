// A slow line in front of a server: so many bytes a second come down, over all connections together, in turns.
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

const TICK_MS = 20;
/** Kept back from the server's side once so much waits: a line has no memory. */
const WAITING_MAX = 64 * 1024;

export class SlowLine {
  private readonly waiting = new Map<Socket, Buffer[]>();
  private readonly server: Server;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly target: URL,
    private readonly bytesPerSecond: number,
  ) {
    this.server = createServer((client) => this.join(client));
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.timer = setInterval(() => this.pass((this.bytesPerSecond * TICK_MS) / 1000), TICK_MS);
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  end(): void {
    clearInterval(this.timer);
    for (const client of this.waiting.keys()) client.destroy();
    this.server.close();
  }

  private join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    this.waiting.set(client, []);
    client.pipe(server);
    server.on('data', (chunk: Buffer) => {
      const waiting = this.waiting.get(client);
      waiting?.push(chunk);
      if (sizeOf(waiting) > WAITING_MAX) server.pause();
    });
    client.on('drained', () => server.resume());
    const gone = (): void => {
      this.waiting.delete(client);
      client.destroy();
      server.destroy();
    };
    // What the server has said to the end is still to arrive.
    server.on('end', () => client.once('drained', gone)).on('error', gone);
    client.on('close', gone).on('error', gone);
  }

  private pass(bytes: number): void {
    const busy = [...this.waiting].filter(([, chunks]) => chunks.length > 0);
    for (const [client, chunks] of busy) {
      const all = Buffer.concat(chunks);
      const share = Math.max(1, Math.floor(bytes / busy.length));
      client.write(all.subarray(0, share));
      this.waiting.set(client, all.length > share ? [all.subarray(share)] : []);
      if (all.length - share <= WAITING_MAX) client.emit('drained');
    }
  }
}

const sizeOf = (chunks: Buffer[] | undefined): number => (chunks ?? []).reduce((sum, chunk) => sum + chunk.length, 0);
