/** useThreads(): every number of threads trains to the same bits, and the process ends by itself. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import * as conv from '../../../src/index.js';
import { startupOf } from '../../../src/backends/wasm/startup.js';
import { sharingMemory } from '../../../src/backends/wasm/threads/shared_start.js';

interface Training {
  readonly threads: number;
  readonly losses: readonly number[];
  readonly digest: string;
  /** Digests of a network trained as usual, and of the same network trained captured. */
  readonly usual: string;
  readonly captured: string;
  readonly memory: string;
  readonly error: string;
}

async function train(threads: number): Promise<Training> {
  const program = path.join(process.cwd(), 'test/backends/wasm/support/train.cjs');
  // Rejects if the process has to be killed.
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(threads)], { timeout: 120_000 });
  return JSON.parse(stdout) as Training;
}

describe('useThreads()', () => {
  test('trains to the same bits with 1, 2 and 3 threads, captured or not, and lets the process end', async () => {
    const [one, two, three] = [await train(1), await train(2), await train(3)];
    expect([one, two, three].map(({ threads }) => threads)).toEqual([1, 2, 3]);
    expect([one, two, three].map(({ memory }) => memory)).toEqual([
      'ArrayBuffer',
      'SharedArrayBuffer',
      'SharedArrayBuffer',
    ]);
    expect(one.losses.every(Number.isFinite)).toBe(true);
    expect(new Set(one.losses).size).toBe(one.losses.length);
    expect(two.digest).toBe(one.digest);
    expect(three.digest).toBe(one.digest);
    for (const { usual, captured } of [one, two, three]) expect([usual, captured]).toEqual([one.usual, one.usual]);
    expect(two.error).toBe(
      "Cannot use threads: useThreads() must be called before tf.setBackend('wasm'), received backend = 'wasm'",
    );
  });

  test.each([0, 1.5, 65, '2', null, {}, []])('refuses %p threads', (count) => {
    expect(() => conv.useThreads(count as number)).toThrow(/^Cannot use threads: count must be an integer/);
  });

  test('uses one thread without shared memory', () => {
    const shared = globalThis.SharedArrayBuffer;
    Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
    try {
      expect(conv.useThreads(4)).toBe(1);
    } finally {
      globalThis.SharedArrayBuffer = shared;
    }
    expect(conv.useThreads(4)).toBe(4);
    expect(startupOf()!.threads).toBe(4);
  });
});

describe('sharingMemory()', () => {
  test('leaves other binaries as they are', () => {
    // Magic number, version, one memory of 1 to 2 pages.
    const binary = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 4, 1, 1, 1, 2]);
    expect(sharingMemory(binary)).toBe(binary);
    expect(sharingMemory(new Uint8Array(8))).toHaveLength(8);
  });
});
