/** Convolution layers of this package and of TensorFlow.js. */
import { dilatedExtent } from '../../kernel/geometry.js';
import { resolveTransposed } from '../../ops/conv2d_transpose/window.js';
import { activate } from './activations.js';
import { filterFirst } from './arrange_weights.js';
import { convolve, cropping, normalize, POINTWISE, type ConvolutionSpec } from './convolve.js';
import {
  imageOf,
  imageValue,
  isChannelsFirst,
  type Converter,
  type Converters,
  type Image,
  type LayerUse,
} from './layer_use.js';
import type { Value } from './value.js';
import { pair, windowIn, type Window } from './window.js';

/** Epsilon of the normalisation between the parts of a separable convolution: Keras's. */
const MID_EPSILON = 1e-3;

/** Name of the bias, if the layer has one. */
const biasOf = (use: LayerUse): string | undefined => (use.weight('bias') === undefined ? undefined : 'bias');

/** Output of a convolution layer, with its activation; a softmax runs over the channels. */
export function activated(use: LayerUse, image: Image): Value {
  const axis = isChannelsFirst(use) && !isOurs(use) ? 3 : 1;
  return imageValue(use, { name: activate(use.graph, image.name, use.config['activation'], axis) });
}

/** TensorFlow.js's own layers apply activations to the last axis, whatever the data format. */
const isOurs = ({ layer }: LayerUse): boolean => layer.getClassName().startsWith('Convolutions>');

const single =
  (spec: (use: LayerUse) => ConvolutionSpec): Converter =>
  (use) =>
    activated(use, convolve(use, imageOf(use), spec(use)));

const convolution = single((use) => ({
  kernel: 'kernel',
  bias: biasOf(use),
  window: windowIn(use.config),
  groups: use.config['groups'] as number,
}));

const pointwise = single((use) => ({
  kernel: 'kernel',
  bias: biasOf(use),
  window: { ...POINTWISE, strides: pair(use.config['strides']) },
  groups: use.config['groups'] as number,
}));

const depthwise = single((use) => ({
  kernel: 'depthwise_kernel',
  bias: biasOf(use),
  window: windowIn(use.config),
  depthwise: true,
}));

/** TensorFlow.js ignores `groups`. */
const stockConvolution = single((use) => ({ kernel: 'kernel', bias: biasOf(use), window: windowIn(use.config) }));

/** TensorFlow.js ignores the dilation. */
const stockDepthwise = single((use) => ({
  kernel: 'depthwise_kernel',
  bias: biasOf(use),
  window: { ...windowIn(use.config), dilations: [1, 1] },
  depthwise: true,
}));

const separable: Converter = (use) => {
  const { config, graph } = use;
  let x = convolve(use, imageOf(use), { kernel: 'depthwise_kernel', window: windowIn(config), depthwise: true });
  if (use.weight('mid_gamma') !== undefined) x = normalize(use, x, 'mid_', MID_EPSILON);
  x = { ...x, name: activate(graph, x.name, config['midActivation'], 1) };
  return activated(use, convolve(use, x, { kernel: 'pointwise_kernel', bias: biasOf(use), window: POINTWISE }));
};

const spatiallySeparable: Converter = (use) => {
  const { config, graph } = use;
  const whole = windowIn(config);
  const along = (axis: 0 | 1): Window => {
    const only = <T>(values: readonly [T, T], other: T): [T, T] =>
      axis === 0 ? [values[0], other] : [other, values[1]];
    const { padding } = whole;
    const sides = padding as readonly [readonly [number, number], readonly [number, number]];
    return {
      ...whole,
      kernelSize: only(whole.kernelSize, 1),
      strides: only(whole.strides, 1),
      dilations: only(whole.dilations, 1),
      padding: typeof padding === 'string' ? padding : only<readonly [number, number]>(sides, [0, 0]),
    };
  };
  const kernels = ['vertical_kernel', 'horizontal_kernel'] as const;
  const [first, second] = config['order'] === 'verticalFirst' ? ([0, 1] as const) : ([1, 0] as const);
  const x = convolve(use, imageOf(use), { kernel: kernels[first], window: along(first) });
  const middle = { ...x, name: activate(graph, x.name, config['midActivation'], 1) };
  return activated(use, convolve(use, middle, { kernel: kernels[second], bias: biasOf(use), window: along(second) }));
};

/**
 * Transposed convolution with explicit amounts: of the full result, (i − 1) · s + k̂ long, ONNX crops `pads` and extends
 * by `output_padding`. Its auto_pad means something else.
 */
const transposed: Converter = (use) => {
  const { config, graph } = use;
  const image = imageOf(use);
  const { kernelSize, strides, dilations: given, padding } = windowIn(config);
  // TensorFlow.js ignores the dilation of its own layer.
  const dilations = isOurs(use) ? given : ([1, 1] as const);
  const outputPadding = (config['outputPadding'] ?? undefined) as readonly [number, number] | undefined;
  // The crops are the same for every size.
  const size = [2 ** 10, 2 ** 10] as const;
  const axes = resolveTransposed('export a window', size, kernelSize, {
    ...{ strides, dilations, padding: padding },
    ...(outputPadding === undefined ? {} : { outputPadding }),
  });
  const crops = axes.map(({ out, before }, axis): [number, number] => {
    const full = (size[axis]! - 1) * strides[axis]! + dilatedExtent(kernelSize[axis]!, dilations[axis]!);
    return [before, full - before - out];
  });
  const bias = biasOf(use);
  const inputs = [image.name, use.constant('kernel', filterFirst), bias === undefined ? '' : use.constant(bias)];
  const attributes = {
    ...{ kernel_shape: kernelSize, strides, dilations, group: (config['groups'] ?? 1) as number },
    ...cropping(crops),
  };
  return activated(use, { ...image, name: graph.node('ConvTranspose', inputs, attributes) });
};

export const CONVOLUTION_LAYERS: Converters = {
  Conv2D: stockConvolution,
  Conv2DTranspose: transposed,
  DepthwiseConv2D: stockDepthwise,
  SeparableConv2D: separable,
  'Convolutions>Conv2D': convolution,
  'Convolutions>Conv2DTranspose': transposed,
  'Convolutions>DepthwiseConv2D': depthwise,
  'Convolutions>DepthwiseSeparableConv2D': separable,
  'Convolutions>DilatedConv2D': convolution,
  'Convolutions>GroupedConv2D': convolution,
  'Convolutions>PointwiseConv2D': pointwise,
  'Convolutions>SpatiallySeparableConv2D': spatiallySeparable,
};
