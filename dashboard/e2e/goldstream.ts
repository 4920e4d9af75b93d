// The real binary, started by the tests on a free port and ended with them. GOLDSTREAM names it.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Accounting } from '../src/api/types';

export const BINARY = process.env['GOLDSTREAM'] ?? '../target/ci/goldstream';
export const ONLINE_RETAIL = resolve('../tests/data/online_retail');
const POLL_MS = 50;
const START_MS = 60_000;

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export class Goldstream {
  private readonly dir = mkdtempSync(join(tmpdir(), 'goldstream-e2e-'));
  private process: ChildProcess | null = null;
  private said = '';
  url = '';

  constructor(private readonly args: readonly string[]) {}

  /** Starts it, on its former port where it had one, and waits until it answers. */
  async start(): Promise<this> {
    if (!existsSync(BINARY)) throw new Error(`no ${BINARY}: build it, or say with GOLDSTREAM where it is`);
    const listen = this.url === '' ? '127.0.0.1:0' : new URL(this.url).host;
    this.process = spawn(BINARY, ['run', ...this.args, '--data-dir', this.dir, '--listen', listen], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr?.on('data', (text: Buffer) => (this.said = (this.said + text.toString()).slice(-4000)));
    await this.until('listening', () => this.findAddress());
    await this.until('ready', async () => (await fetch(`${this.url}/readyz`)).ok);
    return this;
  }

  async json<T>(path: string): Promise<T> {
    return (await (await fetch(this.url + path)).json()) as T;
  }

  async until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + START_MS; Date.now() < end; await pause(POLL_MS)) {
      if (await isTrue().catch(() => false)) return;
    }
    throw new Error(`goldstream is not ${what}\n${this.said}`);
  }

  /** Waits until it has counted so many purchases of its files. */
  async counted(purchases: number): Promise<void> {
    await this.until('through its files', async () => (await this.json<Accounting>('/api/v1/accounting')).accepted_purchases === purchases);
  }

  async kill(): Promise<void> {
    const process = this.process;
    this.process = null;
    if (process === null || process.exitCode !== null) return;
    const ended = new Promise((done) => process.once('exit', done));
    process.kill('SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async findAddress(): Promise<boolean> {
    const demo = join(this.dir, 'demo', 'server.json');
    const file = existsSync(demo) ? demo : join(this.dir, 'server.json');
    const { address } = JSON.parse(readFileSync(file, 'utf8')) as { address: string };
    this.url = `http://${address}`;
    return (await fetch(`${this.url}/healthz`)).ok;
  }
}
