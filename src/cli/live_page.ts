/**
 * `train --live`: a page on this machine with the curves of a run, sent as server-sent events while it goes on. It listens on
 * 127.0.0.1 alone, answers no other name, and ends with the run.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EpochRecord, TrainingState } from '../training/trainer.js';
import { livePage } from './live_page_source.js';

/** Milliseconds between two messages about steps. */
const INTERVAL = 200;
/** Milliseconds in which pages get the last message. */
const GRACE = 1000;
/** Steps that a page which is opened late gets; beyond, every second one is left out. */
const MOST_STEPS = 4000;

/** A run as its page shows it. */
export interface LiveRun {
  readonly title: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** PNG of training images; undefined for none. */
  readonly preview?: Uint8Array | undefined;
}

/** A step, placed at a fraction of the epochs. */
interface Step {
  readonly at: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly rate: number;
  /** Images per second. */
  readonly speed: number;
}

/** The page of a run. */
export class LivePage {
  private readonly clients = new Set<ServerResponse>();
  private readonly epochs: object[] = [];
  private steps: Step[] = [];
  private port = 0;
  private stride = 1;
  private count = 0;
  private pending: Step[] = [];
  private sent = 0;
  private before: Readonly<TrainingState> | undefined;

  private constructor(
    private readonly server: Server,
    private readonly run: LiveRun,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.answer(request, response);
    });
  }

  /** Starts the server, on a free port. */
  static async open(run: LiveRun): Promise<LivePage> {
    const server = createServer();
    const page = new LivePage(server, run);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        reject(
          new Error(`Cannot open the live page: a port must be free (${error.message}), received host = '127.0.0.1'`),
        );
      });
      server.listen(0, '127.0.0.1', resolve);
    });
    page.port = (server.address() as AddressInfo).port;
    // A run that ends by an error must not wait for its page.
    server.unref();
    return page;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Shows a step. */
  step(state: Readonly<TrainingState>, rate: number): void {
    const { epoch, step, lossSum, correct, seen, seconds } = state;
    const isNext = this.before?.epoch === epoch && this.before.seen < seen;
    const since = isNext ? this.before! : { lossSum: 0, correct: 0, seen: 0 };
    const images = Math.max(seen - since.seen, 1);
    this.before = { ...state };
    this.add({
      at: epoch + step / this.run.stepsPerEpoch,
      loss: (lossSum - since.lossSum) / images,
      accuracy: (correct - since.correct) / images,
      rate,
      speed: seen / Math.max(seconds, 1e-9),
    });
  }

  /** Shows the results of an epoch. */
  epoch({ epoch, testLoss, testAccuracy }: EpochRecord): void {
    this.flush();
    const message = { at: epoch, testLoss, testAccuracy };
    this.epochs.push(message);
    this.send('epoch', message);
  }

  /** Says how the run ended, and ends the page. */
  async close(text: string): Promise<void> {
    this.flush();
    this.send('end', { text });
    for (const client of this.clients) client.end();
    // A browser that does not read, in a tab that sleeps, must not hold up the end of the run.
    const timer = setTimeout(() => {
      this.server.closeAllConnections();
    }, GRACE);
    await new Promise((resolve) => this.server.close(resolve));
    clearTimeout(timer);
  }

  private add(step: Step): void {
    this.pending.push(step);
    if (this.count++ % this.stride === 0) this.steps.push(step);
    if (this.steps.length > MOST_STEPS) {
      this.steps = this.steps.filter((_, index) => index % 2 === 0);
      this.stride *= 2;
    }
    if (performance.now() - this.sent >= INTERVAL) this.flush();
  }

  private flush(): void {
    if (this.pending.length > 0) this.send('steps', this.pending);
    this.pending = [];
    this.sent = performance.now();
  }

  private send(name: string, message: unknown): void {
    const text = eventText(name, message);
    for (const client of this.clients) client.write(text);
  }

  private answer({ method, url, headers }: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Connection', 'close');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    // Pages of other names that lead to this machine are none of its business.
    if (headers.host !== `127.0.0.1:${this.port}` && headers.host !== `localhost:${this.port}`) refuse(response, 403);
    else if (method !== 'GET') refuse(response, 405);
    else if (url === '/') sendPage(response);
    else if (url === '/events') this.follow(response);
    else if (url === '/preview.png' && this.run.preview) {
      response.writeHead(200, { 'Content-Type': 'image/png' }).end(this.run.preview);
    } else refuse(response, 404);
  }

  private follow(response: ServerResponse): void {
    this.flush();
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const { preview, ...run } = this.run;
    response.write(eventText('run', { ...run, hasPreview: preview !== undefined }));
    response.write(eventText('steps', this.steps));
    for (const epoch of this.epochs) response.write(eventText('epoch', epoch));
    this.clients.add(response);
    response.on('close', () => this.clients.delete(response));
  }
}

/** Opens a page in the browser of the person, if the run has been started in a terminal. */
export function openInBrowser(url: string): void {
  if (!process.stdout.isTTY || !process.stdin.isTTY || process.env['CI'] !== undefined) return;
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform as string] ?? [
    'xdg-open',
  ];
  const child = spawn(command!, [...args, url], { stdio: 'ignore', detached: true });
  // The link has been printed, too.
  child.on('error', () => undefined);
  child.unref();
}

function eventText(name: string, message: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(message)}\n\n`;
}

function sendPage(response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; connect-src 'self'; img-src 'self' data:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  response
    .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy })
    .end(livePage(nonce));
}

function refuse(response: ServerResponse, status: 403 | 404 | 405): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end();
}
