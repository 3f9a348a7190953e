/** Operators as functions of named tensors, and as cases for gradient_check.ts. */
import type * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import * as conv2dOracle from '../oracle/conv2d.js';
import * as transposeOracle from '../oracle/conv2d_transpose.js';
import * as deformOracle from '../oracle/deform_conv2d.js';
import * as deformV3Oracle from '../oracle/deform_conv2d_v3.js';
import * as depthwiseOracle from '../oracle/depthwise_conv2d.js';
import * as poolOracle from '../oracle/pool2d.js';
import type { OpCase, Tensors } from './gradient_check.js';

type Run = (tensors: Tensors) => tf.Tensor;

export function runConv2d(options: conv2dOracle.Conv2DOptions & Pick<conv.Conv2DOptions, 'activation'>): Run {
  return ({ x, filter, bias }) =>
    conv.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, { ...options, bias: bias as tf.Tensor1D | undefined });
}

export function runDepthwiseConv2d(
  options: depthwiseOracle.DepthwiseConv2DOptions & Pick<conv.DepthwiseConv2DOptions, 'activation'>,
): Run {
  return ({ x, filter, bias }) =>
    conv.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, {
      ...options,
      bias: bias as tf.Tensor1D | undefined,
    });
}

export function runDeformConv2d(options: deformOracle.DeformConv2DOptions): Run {
  return ({ x, offset, filter, mask, bias }) =>
    conv.deformConv2d(x as tf.Tensor4D, offset as tf.Tensor4D, filter as tf.Tensor4D, {
      ...options,
      mask: mask as tf.Tensor4D | undefined,
      bias: bias as tf.Tensor1D | undefined,
    });
}

export function runConv2dTranspose(options: transposeOracle.Conv2DTransposeOptions): Run {
  return ({ x, filter, bias }) =>
    conv.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, {
      ...options,
      bias: bias as tf.Tensor1D | undefined,
    });
}

export function runDeformConv2dV3(options: conv.DeformConv2DV3Options): Run {
  return ({ x, offset, mask }) =>
    conv.deformConv2dV3(x as tf.Tensor4D, offset as tf.Tensor4D, mask as tf.Tensor4D, options);
}

export function conv2dCase(
  inputs: conv2dOracle.Conv2DInputs,
  options: conv2dOracle.Conv2DOptions,
): OpCase<conv2dOracle.Conv2DInputs> {
  return {
    inputs,
    run: runConv2d(options),
    oracle: (given) => conv2dOracle.conv2d(given, options),
    gradients: (given, dy) => conv2dOracle.conv2dGradients(given, dy, options),
  };
}

export function depthwiseConv2dCase(
  inputs: depthwiseOracle.DepthwiseConv2DInputs,
  options: depthwiseOracle.DepthwiseConv2DOptions,
): OpCase<depthwiseOracle.DepthwiseConv2DInputs> {
  return {
    inputs,
    run: runDepthwiseConv2d(options),
    oracle: (given) => depthwiseOracle.depthwiseConv2d(given, options),
    gradients: (given, dy) => depthwiseOracle.depthwiseConv2dGradients(given, dy, options),
  };
}

export function deformConv2dCase(
  inputs: deformOracle.DeformConv2DInputs,
  options: deformOracle.DeformConv2DOptions,
  { kink = false } = {},
): OpCase<deformOracle.DeformConv2DInputs> {
  return {
    inputs,
    run: runDeformConv2d(options),
    oracle: (given) => deformOracle.deformConv2d(given, options),
    gradients: (given, dy) => deformOracle.deformConv2dGradients(given, dy, options),
    kink,
  };
}

export function conv2dTransposeCase(
  inputs: transposeOracle.Conv2DTransposeInputs,
  options: transposeOracle.Conv2DTransposeOptions,
): OpCase<transposeOracle.Conv2DTransposeInputs> {
  return {
    inputs,
    run: runConv2dTranspose(options),
    oracle: (given) => transposeOracle.conv2dTranspose(given, options),
    gradients: (given, dy) => transposeOracle.conv2dTransposeGradients(given, dy, options),
  };
}

export function deformConv2dV3Case(
  inputs: deformV3Oracle.DeformConv2DV3Inputs,
  options: deformV3Oracle.DeformConv2DV3Options,
): OpCase<deformV3Oracle.DeformConv2DV3Inputs> {
  return {
    inputs,
    run: runDeformConv2dV3(options),
    oracle: (given) => deformV3Oracle.deformConv2dV3(given, options),
  };
}

/** `name` is that of the operator, in the package as in the oracle. */
export function pool2dCase(
  name: 'maxPool2d' | 'avgPool2d',
  inputs: poolOracle.Pool2DInputs,
  options: poolOracle.Pool2DOptions,
  { kink = false } = {},
): OpCase<poolOracle.Pool2DInputs> {
  return {
    inputs,
    run: ({ x }) => conv[name](x as tf.Tensor4D, options),
    oracle: (given) => poolOracle[name](given, options),
    gradients: (given, dy) => poolOracle[`${name}Gradients`](given, dy, options),
    kink,
  };
}
