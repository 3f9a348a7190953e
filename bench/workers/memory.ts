/** What a work takes of the wasm heap, instead of its time. */
import * as tf from '@tensorflow/tfjs';
import { convolutions } from './convolutions.js';
import { heapPeak } from './heap_peak.js';
import type { MakeWork, Works } from './work.js';

const MEBIBYTE = 2 ** 20;

const bytesOf = (tensors: readonly tf.Tensor[]): number => tensors.reduce((sum, { size }) => sum + size * 4, 0);

/** Forward and all gradients of a convolution: the peak beyond its inputs, or the size of everything it takes and gives. */
const measured =
  (figure: (peak: number, tensors: number) => number): MakeWork =>
  async (inputs, params) => {
    const work = await convolutions[params['convolution'] as string]!(inputs, params);
    let result = 0;
    return {
      run: () => {
        let results: tf.Tensor[] = [];
        const peak = heapPeak(() => (results = work.run()));
        result = figure(peak, bytesOf([...Object.values(inputs), ...results])) / MEBIBYTE;
        return results;
      },
      check: () => [],
      measure: () => result,
    };
  };

export const memory: Works = {
  'memory.peak': measured((peak) => peak),
  'memory.tensors': measured((_, tensors) => tensors),
};
