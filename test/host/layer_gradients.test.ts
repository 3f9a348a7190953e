/**
 * The gradient of every layer of TensorFlow.js against finite differences, on TensorFlow.js alone: this file never imports
 * the package. The faults are listed in faults.ts, so that one that a later version mends, or brings, fails here.
 *
 * With HOST_SWEEP=all (CONTRIBUTING.md) it runs every layer on every backend that is here, webgl in Chromium too, and prints
 * a table; other runs take every layer on cpu and wasm, and on webgpu some.
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { loadNative, nativeAbsence } from '../support/native.js';
import { loadWebGPU, webgpuAbsence } from '../support/webgpu.js';
import { checkLayer, type Verdict } from './check_layer.js';
import { FAULTS, type HostBackend } from './faults.js';
import { LAYER_CASES } from './layer_cases.js';

interface Side {
  readonly name: HostBackend;
  readonly absent?: () => string | undefined;
  readonly load?: () => void;
  /** One of how many cases runs where not all do. */
  readonly sample: number;
}

const IN_BROWSER = typeof document !== 'undefined';
const ALL = IN_BROWSER || process.env['HOST_SWEEP'] === 'all';

const NODE_SIDES: readonly Side[] = [
  { name: 'cpu', sample: 1 },
  { name: 'wasm', sample: 1 },
  { name: 'tensorflow', absent: nativeAbsence, load: loadNative, sample: 1 },
  { name: 'webgpu', absent: webgpuAbsence, load: loadWebGPU, sample: 16 },
];
const SIDES: readonly Side[] = IN_BROWSER ? [{ name: 'webgl', sample: 1 }] : NODE_SIDES;

/** Layers that loop over steps, which take a software GPU minutes. */
const LOOPS = /rnn|lstm|gru|timeDistributed/i;

const table: string[] = [];

/** `right`, `wrong` or `fails`. */
const kindOf = (verdict: Verdict): string => verdict.split(':')[0]!;

for (const { name, absent, load, sample } of SIDES) {
  const reason = absent?.();
  const suite = reason === undefined ? describe : describe.skip;
  suite(`gradients of TensorFlow.js alone [${name}${reason === undefined ? '' : `: skipped, ${reason}`}]`, () => {
    beforeAll(async () => {
      load?.();
      expect(await tf.setBackend(name)).toBe(true);
    });

    test.each(
      LAYER_CASES.filter(({ title }, index) => ALL || (index % sample === 0 && (sample === 1 || !LOOPS.test(title)))),
    )('$title', async (layer) => {
      const { verdict } = await checkLayer(layer);
      if (verdict !== 'right') table.push(`| ${layer.title} | ${name} | ${verdict} |`);
      expect({ verdict, kind: kindOf(verdict) }).toEqual({ verdict, kind: FAULTS[layer.title]?.[name] ?? 'right' });
    });
  });
}

test('every fault is one of a case', () => {
  const titles = LAYER_CASES.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  expect(Object.keys(FAULTS).filter((title) => !titles.includes(title))).toEqual([]);
});

afterAll(() => {
  if (ALL) console.log(['| layer | backend | gradient |', '| --- | --- | --- |', ...table].join('\n'));
});
