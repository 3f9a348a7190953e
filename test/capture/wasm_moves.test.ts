/** On wasm, a replay splits, joins and cuts with the package's own copies. */
import * as tf from '@tensorflow/tfjs';
import { capture } from '../../src/index.js';
import { describeBackends } from '../support/backends.js';

/** Kernels of the host that the replay of a function calls, by their names. */
function hostKernelsOf(f: (x: tf.Tensor) => tf.Tensor): readonly string[] {
  const x = tf.randomUniform([2, 3, 4, 5], -1, 1, 'float32', 1);
  const captured = capture(f);
  tf.dispose([captured(x), captured(x)]);
  const called: string[] = [];
  const usual = ['Slice', 'SplitV', 'Concat', 'Square'].map((name) => tf.getKernel(name, 'wasm'));
  for (const { kernelName, backendName, kernelFunc } of usual) {
    tf.unregisterKernel(kernelName, backendName);
    const watched: tf.KernelFunc = (call) => {
      called.push(kernelName);
      return kernelFunc(call);
    };
    tf.registerKernel({ kernelName, backendName, kernelFunc: watched });
  }
  try {
    const again = capture(f);
    const results = [again(x), again(x), again(x)];
    called.length = 0;
    results.push(again(x));
    tf.dispose(results);
    again.dispose();
  } finally {
    for (const config of usual) {
      tf.unregisterKernel(config.kernelName, config.backendName);
      tf.registerKernel(config);
    }
    captured.dispose();
    x.dispose();
  }
  return called;
}

describeBackends(
  'a replay on wasm',
  () => {
    test.each<[string, (x: tf.Tensor) => tf.Tensor, readonly string[]]>([
      ['a split', (x) => tf.split(x.square(), [2, 3], 3)[1]!, ['Square']],
      ['a concatenation', (x) => tf.concat([x.square(), x], 1), ['Square']],
      ['a slice along one axis', (x) => x.square().slice([0, 1], [2, 1]), ['Square']],
      ['a slice along two axes', (x) => x.square().slice([1, 1], [1, 1]), ['Square', 'Slice']],
    ])('%s', (_, f, expected) => {
      expect(hostKernelsOf(f)).toEqual(expected);
    });
  },
  { where: ({ name, variant }) => name === 'wasm' && variant === undefined },
);
