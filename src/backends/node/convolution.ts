/**
 * Plain and depthwise convolutions with TensorFlow's own operators, for tfjs-node.
 *
 * TensorFlow's dilated gradients are never used: those of a plain convolution are rejected without oneDNN and no faster
 * than columns (columns.ts) with it; those of a depthwise convolution are silently computed for dilation 1.
 */
import * as tf from '@tensorflow/tfjs';
import { dilatedExtent, type ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { TensorFlow, type Attribute } from './adapter.js';

type Run = (args: KernelArguments, g: ConvGeometry) => tf.Tensor | undefined;

/**
 * The three kernels of one convolution. Each returns undefined if TensorFlow does not support the case or computes it
 * incorrectly.
 */
export interface NodeConvolution {
  readonly forward: Run;
  readonly backwardInput: Run;
  readonly backwardFilter: Run;
}

/** Makes the kernels of a TensorFlow operator; the names of its gradients derive from the forward name. */
export function nodeConvolution(operator: 'Conv2D' | 'DepthwiseConv2dNative'): NodeConvolution {
  const depthwise = operator === 'DepthwiseConv2dNative';
  const suits = (g: ConvGeometry, dilates: boolean): boolean =>
    g.batch > 0 &&
    reaches(g) &&
    (dilates || (g.dilationHeight === 1 && g.dilationWidth === 1)) &&
    (!depthwise || g.strideHeight === g.strideWidth);
  return {
    forward: (args, g) => {
      if (!suits(g, !depthwise)) return undefined;
      return tf.tidy(() => {
        const t = new TensorFlow(args);
        const sums = t.run(operator, [t.input('x'), t.input('filter')], window(t, g));
        return t.activated(t.biased(sums, args.inputs['bias']), g.activation);
      });
    },
    backwardInput: (args, g) => {
      if (!suits(g, false)) return undefined;
      return tf.tidy(() => {
        const t = new TensorFlow(args);
        const shape = t.sizes([g.batch, g.inHeight, g.inWidth, g.inChannels]);
        return t.run(`${operator}BackpropInput`, [shape, t.input('filter'), t.input('dy')], window(t, g));
      });
    },
    backwardFilter: (args, g) => {
      if (!suits(g, false)) return undefined;
      return tf.tidy(() => {
        const t = new TensorFlow(args);
        const outer = depthwise ? g.outChannels / g.inChannels : g.outChannels;
        const shape = t.sizes([g.kernelHeight, g.kernelWidth, g.inChannels, outer]);
        return t.run(`${operator}BackpropFilter`, [t.input('x'), shape, t.input('dy')], window(t, g));
      });
    },
  };
}

/** Tests whether TensorFlow, which does not support negative padding, arrives at the same output size. */
function reaches(g: ConvGeometry): boolean {
  const height = g.inHeight + g.padTop + g.padBottom - dilatedExtent(g.kernelHeight, g.dilationHeight);
  const width = g.inWidth + g.padLeft + g.padRight - dilatedExtent(g.kernelWidth, g.dilationWidth);
  return (
    Math.min(g.padTop, g.padBottom, g.padLeft, g.padRight) >= 0 &&
    Math.floor(height / g.strideHeight) + 1 === g.outHeight &&
    Math.floor(width / g.strideWidth) + 1 === g.outWidth
  );
}

function window(t: TensorFlow, g: ConvGeometry): Attribute[] {
  return [
    t.integers('strides', [1, g.strideHeight, g.strideWidth, 1]),
    t.integers('dilations', [1, g.dilationHeight, g.dilationWidth, 1]),
    t.text('padding', 'EXPLICIT'),
    t.integers('explicit_paddings', [0, 0, g.padTop, g.padBottom, g.padLeft, g.padRight, 0, 0]),
  ];
}
