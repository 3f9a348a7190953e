/** A process that handles one request at a time. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MARK, type Ready, type Reply, type Request } from './protocol.js';

/** Command that starts a worker. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export class Worker {
  private readonly process: ChildProcess;
  private waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  private errors = '';

  private constructor(
    private readonly name: string,
    { file, args, env }: Command,
  ) {
    this.process = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      if (!line.startsWith(MARK)) return;
      const reply = JSON.parse(line.slice(MARK.length)) as Reply;
      const waiting = this.take();
      if (reply.error === undefined) waiting?.resolve(reply);
      else waiting?.reject(new Error(`${this.name}: ${reply.error}`));
    });
    this.process.stderr!.on('data', (data: Buffer) => (this.errors = (this.errors + data.toString()).slice(-2000)));
    const onEnd = (): void => this.take()?.reject(new Error(`${this.name} ended: ${this.lastError()}`));
    this.process.on('error', (error) => this.take()?.reject(error));
    this.process.on('close', onEnd);
    this.process.stdin!.on('error', onEnd);
  }

  /** Starts a worker and waits until it is ready. */
  static async start(name: string, command: Command): Promise<{ worker: Worker; ready: Ready }> {
    const worker = new Worker(name, command);
    try {
      return { worker, ready: await worker.reply() };
    } catch (error) {
      // One that cannot work may still hold a browser or a compiler.
      worker.stop();
      throw error;
    }
  }

  async ask(request: Request): Promise<Reply> {
    this.process.stdin!.write(`${JSON.stringify(request)}\n`);
    return this.reply();
  }

  stop(): void {
    this.process.kill();
  }

  private reply(): Promise<Reply> {
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  private take(): typeof this.waiting {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }

  /** Last line that the process printed, abbreviated, since libraries print long ones. */
  private lastError(): string {
    return this.errors.trim().split('\n').slice(-1).join('').slice(0, 200);
  }
}
