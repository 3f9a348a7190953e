/** Reads and decodes images in a worker, with `sharp`, which is loaded when used. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { CorruptFileError, type Action } from '../errors.js';
import { fileError } from '../support/file_error.js';
import { loadOptional } from '../support/optional_package.js';
import {
  DECODER_WORKER_SOURCE,
  type DecoderAnswer,
  type DecoderFailure,
  type DecoderRequest,
} from './decoder_worker_source.js';

/** Milliseconds without work after which the worker ends. */
const IDLE = 2000;

interface Pending {
  readonly resolve: (answer: DecoderAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** The worker of this process and the requests that it works on. */
let current: DecoderThread | undefined;

class DecoderThread {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private count = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(sharp: string) {
    this.worker = new Worker(DECODER_WORKER_SOURCE, { eval: true, workerData: { sharp } });
    this.worker.on('message', (answer: DecoderAnswer) => {
      this.take(answer.id).resolve(answer);
    });
    this.worker.on('error', (error) => {
      this.end(error);
    });
    this.worker.on('exit', () => {
      this.end(new Error('Cannot decode images: the worker ended'));
    });
    // A program may end while the worker waits for work.
    this.worker.unref();
  }

  ask(request: Omit<DecoderRequest, 'id'>): Promise<DecoderAnswer> {
    clearTimeout(this.idle);
    this.worker.ref();
    const id = this.count++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ ...request, id } satisfies DecoderRequest);
    });
  }

  private take(id: number): Pending {
    const pending = this.pending.get(id)!;
    this.pending.delete(id);
    if (this.pending.size === 0) {
      this.worker.unref();
      this.idle = setTimeout(() => {
        if (current === this) current = undefined;
        void this.worker.terminate();
      }, IDLE).unref();
    }
    return pending;
  }

  private end(error: Error): void {
    if (current === this) current = undefined;
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}

/**
 * Finds the decoder. It must be loaded in this thread too, and first: its libraries then stay in memory until every thread
 * has ended.
 *
 * @throws MissingPackageError if the package `sharp` is not installed
 */
export async function findSharp(action: Action): Promise<string> {
  return loadOptional(action, 'sharp', async () => {
    await import('sharp');
    // In Node, every import of this package resolves to its CommonJS build, where __filename exists.
    return createRequire(__filename).resolve('sharp');
  });
}

/**
 * Reads and decodes images.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @throws MissingPackageError if the package `sharp` is not installed
 */
export async function runDecoder(action: Action, request: Omit<DecoderRequest, 'id'>): Promise<DecoderAnswer> {
  const sharp = await findSharp(action);
  if (request.images.length === 0) {
    return { id: 0, pixels: new Uint8Array(), digests: new Uint8Array(), failures: [] };
  }
  return (current ??= new DecoderThread(sharp)).ask(request);
}

/** The error for an image that could not be read or decoded. */
export function decoderError(action: Action, name: string, { rule, code }: DecoderFailure): Error {
  if (rule !== undefined) return new CorruptFileError(action, rule, name);
  return fileError(action, name, Object.assign(new Error(code), { code, syscall: 'open' })) as Error;
}
