/**
 * Loads damaged files of one kind, one after the other, in a process that may crash or hang:
 * `worker.ts KIND SEED FIRST END FOLDER`. One line of JSON on standard output before and after each.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Random } from '../support/random.js';
import { BrokenRule, Refused } from './kind.js';
import { KINDS } from './kinds.js';
import { peakMemory } from './peak_memory.js';

/** One loaded file. */
export interface Outcome {
  readonly index: number;
  readonly result: 'refused' | 'equal' | 'changed' | 'broken';
  /** Error, or the rule that was broken. */
  readonly message: string;
  /** CPU time in seconds. */
  readonly seconds: number;
  /** Peak growth of the process in bytes. */
  readonly bytes: number;
}

const MAX_MESSAGE = 500;
const KILOBYTE = 1024;

async function main([name = '', seed, first, end, folder = '']: readonly string[]): Promise<void> {
  await tf.setBackend('cpu');
  const { damage, load, isPromised } = await KINDS[name]!(folder);
  const good = await load();
  const names = Object.getOwnPropertyNames(Object.prototype).length;
  for (let index = Number(first); index < Number(end); index++) {
    process.stdout.write(`${JSON.stringify({ index })}\n`);
    const { bytes, want = good } = damage(new Random(Number(seed) * 1_000_003 + index));
    const files = listing(folder);
    const [rss, cpu] = [process.memoryUsage.rss(), process.cpuUsage()];
    let outcome: Pick<Outcome, 'result' | 'message'>;
    try {
      const got = await load();
      const isEqual = got === want;
      outcome =
        isEqual || !isPromised
          ? { result: isEqual ? 'equal' : 'changed', message: '' }
          : broken('loads as another, though it has a checksum');
    } catch (error) {
      outcome = checkError(error, folder);
    }
    if (Object.getOwnPropertyNames(Object.prototype).length !== names) outcome = broken('pollutes Object.prototype');
    if (listing(folder) !== files) outcome = broken('writes files');
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (user + system) / 1e6;
    const grown = Math.max(0, peakMemory() - Math.max(rss, peak));
    peak = peakMemory();
    if (seconds > 10) outcome = broken(`takes ${seconds.toFixed(1)} s`);
    if (grown > 4 * bytes + 256 * KILOBYTE ** 2) outcome = broken(`takes ${grown} bytes`);
    process.stdout.write(`${JSON.stringify({ index, ...outcome, seconds, bytes: grown } satisfies Outcome)}\n`);
  }
}

let peak = 0;

function broken(message: string): Pick<Outcome, 'result' | 'message'> {
  return { result: 'broken', message };
}

/** Checks that a rejection is one line that names the file. */
function checkError(error: unknown, folder: string): Pick<Outcome, 'result' | 'message'> {
  const { message, stack = '' } = error as Error;
  if (error instanceof BrokenRule) return broken(message);
  if (error instanceof Refused) return { result: 'refused', message };
  const isRule = message.startsWith('Cannot ') && message.includes('received ') && message.includes(folder);
  if (!isRule) return broken(`is refused without a rule: ${stack.slice(0, 600)}`);
  if (message.includes('\n') || message.length > MAX_MESSAGE) {
    return broken(`is refused at length: ${message.slice(0, 600)}`);
  }
  return { result: 'refused', message };
}

function listing(folder: string): string {
  return fs
    .readdirSync(folder)
    .sort()
    .map((name) => path.basename(name))
    .join();
}

void main(process.argv.slice(2));
