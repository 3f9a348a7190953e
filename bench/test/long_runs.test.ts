/** Short version of the long runs in docs/reliability.md: networks that were trained and disposed leave nothing behind. */
import { longRun, STEPS_PER_NETWORK, type MemorySample } from '../support/long_run.js';
import { describeBackends } from '../../test/support/backends.js';

const NETWORKS = 3;

describeBackends(
  'longRun()',
  ({ name }) => {
    test('keeps the number of tensors, their bytes and the size of the wasm memory after the first network', async () => {
      const samples: MemorySample[] = [];
      await longRun(name, NETWORKS * STEPS_PER_NETWORK, (sample) => {
        samples.push(sample);
      });
      expect(samples.map(({ step }) => step)).toEqual([100, 200, 300]);
      for (const key of ['tensors', 'tensorBytes', 'wasmBytes'] as const) {
        expect([key, ...samples.slice(1).map((sample) => sample[key])]).toEqual([
          key,
          ...samples.slice(1).map(() => samples[0]![key]),
        ]);
      }
    }, 180_000);
  },
  { where: ({ name, variant }) => ['wasm', 'tensorflow'].includes(name) && variant === undefined },
);
