/** Receptive fields of stacked 3×3 convolutions, plain and with dilation 1, 2, 4, … */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { exactly, type Statement } from './table.js';

/** The field after each layer of a stack. */
export interface StackPoint {
  readonly stack: 'dilation 1 in every layer' | 'dilation doubles in every layer';
  readonly layer: number;
  readonly size: number;
}

const DEPTH = 6;

export function receptiveFields(): {
  readonly points: readonly StackPoint[];
  readonly statements: readonly Statement[];
} {
  const plain = fieldsOf(() => 1);
  const doubling = fieldsOf((layer) => 2 ** layer);
  const sizes = (fields: readonly number[]): string => fields.map((size) => `${size}×${size}`).join(' → ');
  return {
    points: [
      ...plain.map((size, index) => ({ stack: 'dilation 1 in every layer' as const, layer: index + 1, size })),
      ...doubling.map((size, index) => ({ stack: 'dilation doubles in every layer' as const, layer: index + 1, size })),
    ],
    statements: [
      exactly('three plain layers', '3×3 → 5×5 → 7×7', sizes(plain.slice(0, 3))),
      exactly('dilation 1, 2, 4', '3×3 → 7×7 → 15×15', sizes(doubling.slice(0, 3))),
      exactly(`dilation 1 to ${2 ** (DEPTH - 1)}`, 2 ** (DEPTH + 1) - 1, doubling.at(-1)!),
    ],
  };
}

function fieldsOf(rate: (layer: number) => number): number[] {
  const model = tf.sequential();
  for (let layer = 0; layer < DEPTH; layer++) {
    const input = layer === 0 ? { inputShape: [128, 128, 1] } : {};
    model.add(conv.layers.dilatedConv2d({ ...input, filters: 1, kernelSize: 3, dilationRate: rate(layer) }));
  }
  const { layers } = conv.receptiveField(model);
  model.dispose();
  return layers.map(({ size }) => size[0]);
}
