/**
 * Descriptions of the layers of tfjs itself, as `describe` gives them for this package's layers. A layer with neither
 * is listed as uncounted by `cost` and rejected by `receptiveField`.
 */
import type * as tf from '@tensorflow/tfjs';
import { resolveWindow, type Padding, type Pair } from '../kernel/geometry.js';
import { bilinearReads, repeatedReads, slidingReads, transposedReads, type AxisReads } from '../layers/axis_reads.js';
import {
  POINTWISE_WINDOW,
  type ConvolutionWork,
  type DescribedLayer,
  type LayerDescription,
  type LayerWindow,
} from '../layers/description.js';
import { readingWindow } from '../layers/reading_window.js';
import { elementsOf } from './graph.js';
import { movedTo } from './layout.js';
import { describeRepeated } from './repeated_layers.js';

/** Entries of tfjs's layer configs that matter here. */
interface StockConfig {
  readonly activation?: string;
  readonly cropping?: readonly [readonly [number, number], readonly [number, number]];
  readonly dataFormat?: string;
  readonly dilationRate?: Pair;
  readonly filters?: number;
  readonly interpolation?: string;
  readonly kernelSize?: readonly number[];
  readonly padding?: unknown;
  readonly poolSize?: number | readonly number[];
  readonly size?: readonly [number, number];
  readonly strides?: Pair;
  readonly units?: number;
  readonly useBias?: boolean;
}

/** One call of a layer, with all sizes known. */
interface StockUse {
  readonly layer: tf.layers.Layer;
  readonly config: StockConfig;
  readonly inputs: readonly tf.Shape[];
  readonly output: tf.Shape;
}

type Describe = (use: StockUse) => LayerDescription;

/** Describes any layer that has a description. */
export function describeLayer(
  layer: tf.layers.Layer,
  inputs: readonly tf.Shape[],
  output: tf.Shape,
): LayerDescription | undefined {
  if (isDescribed(layer)) return layer.describe(inputs);
  const describe = STOCK_LAYERS[layer.getClassName()];
  return describe === undefined
    ? describeRepeated(layer, inputs, describeLayer)
    : describe({ layer, config: layer.getConfig(), inputs, output });
}

function isDescribed(layer: object): layer is DescribedLayer {
  return 'describe' in layer && typeof layer.describe === 'function';
}

const untouched: Describe = () => ({ windows: [POINTWISE_WINDOW] });

const activation: Describe = ({ output }) => ({
  otherOps: { activation: elementsOf(output) },
  windows: [POINTWISE_WINDOW],
});

const normalization: Describe = ({ output }) => ({
  otherOps: { normalization: elementsOf(output) },
  windows: [POINTWISE_WINDOW],
});

/** Reordering of elements: pointwise only if height and width are kept. */
const rearrangement: Describe = ({ inputs, output }) => {
  const input = inputs[0]!;
  const stays = input.length === output.length && input.slice(1, -1).every((size, axis) => size === output[axis + 1]);
  return { windows: [stays ? POINTWISE_WINDOW : { ...POINTWISE_WINDOW, global: true }] };
};

const permutation: Describe = (use) =>
  movedTo(use.layer) === undefined ? rearrangement(use) : { windows: [POINTWISE_WINDOW] };

/** Bias and activation of a layer's output. */
function finish({ config, output }: StockUse): NonNullable<LayerDescription['otherOps']> {
  const elements = elementsOf(output);
  return {
    bias: config.useBias === false ? 0 : elements,
    activation: (config.activation ?? 'linear') === 'linear' ? 0 : elements,
  };
}

const dense: Describe = (use) => {
  const input = use.inputs[0]!;
  const inChannels = input.at(-1)!;
  const positions = elementsOf(input) / inChannels;
  const outChannels = use.config.units!;
  return {
    convolutions: [{ role: 'main', kernelSize: [1], inChannels, outChannels, groups: 1, positions }],
    otherOps: finish(use),
    windows: [POINTWISE_WINDOW],
  };
};

/** conv1d, conv2d and conv3d; `groups` is an option that tfjs ignores. */
const convolution: Describe = (use) => {
  const { kernelSize = [], filters = 0 } = use.config;
  const work = { role: 'main', inChannels: channelsOf(use), groups: 1 } as const;
  return {
    convolutions: [{ ...work, kernelSize, outChannels: filters, positions: positionsOf(use.output, use) }],
    otherOps: finish(use),
    windows: [slidingWindow(use, kernelSize, use.config.dilationRate)],
  };
};

/** Counts input positions, not output positions: the zeros in between are never multiplied. */
const transposedConvolution: Describe = (use) => {
  const { kernelSize = [], filters = 0 } = use.config;
  const positions = positionsOf(use.inputs[0]!, use);
  return {
    convolutions: [
      { role: 'main', kernelSize, inChannels: channelsOf(use), outChannels: filters, groups: 1, positions },
    ],
    otherOps: finish(use),
    windows: [transposedWindow(use)],
  };
};

/** tfjs accepts a dilation here and ignores it. */
const depthwiseConvolution: Describe = (use) => ({
  convolutions: [depthwiseWork(use)],
  otherOps: finish(use),
  windows: [slidingWindow(use, use.config.kernelSize ?? [])],
});

const separableConvolution: Describe = (use) => {
  const depthwise = depthwiseWork(use);
  const { outChannels: inChannels, positions } = depthwise;
  const outChannels = use.config.filters ?? 0;
  return {
    convolutions: [depthwise, { role: 'main', kernelSize: [1, 1], inChannels, outChannels, groups: 1, positions }],
    otherOps: finish(use),
    windows: [slidingWindow(use, use.config.kernelSize ?? [], use.config.dilationRate)],
  };
};

function depthwiseWork(use: StockUse): ConvolutionWork {
  const { kernelSize = [] } = use.config;
  const inChannels = channelsOf(use);
  // The config of separableConv2d omits its depthMultiplier; the kernel [kh, kw, channels, multiplier] has it.
  const kernel = use.layer.weights.find(({ originalName }) => originalName.endsWith('depthwise_kernel'))!;
  const outChannels = inChannels * kernel.shape[3]!;
  const positions = positionsOf(use.output, use);
  return { role: 'main', kernelSize, inChannels, outChannels, groups: inChannels, positions };
}

const pooling: Describe = (use) => {
  const poolSize = [use.config.poolSize ?? []].flat();
  return {
    otherOps: { pooling: elementsOf(use.output) * poolSize.reduce((product, size) => product * size, 1) },
    windows: [slidingWindow(use, poolSize)],
  };
};

const globalPooling: Describe = ({ inputs }) => ({
  otherOps: { pooling: elementsOf(inputs[0]!) },
  windows: [{ ...POINTWISE_WINDOW, global: true }],
});

const zeroPadding: Describe = ({ config }) => {
  const padding = config.padding as readonly [readonly [number, number], readonly [number, number]];
  return { windows: [{ ...POINTWISE_WINDOW, padding: [padding[0][0], padding[1][0]] }] };
};

const cropping: Describe = ({ config }) => {
  const [[top], [left]] = config.cropping!;
  return { windows: [{ ...POINTWISE_WINDOW, padding: [-top, -left] }] };
};

/** TensorFlow.js upsamples without half-pixel centres: bilinear output o reads at o / factor. */
const upSampling: Describe = ({ config, output }) => {
  const bilinear = config.interpolation === 'bilinear';
  const along = (factor: number): AxisReads => (bilinear ? bilinearReads(1, factor, false) : repeatedReads(factor));
  const [y, x] = config.size!;
  return { otherOps: { sampling: bilinear ? elementsOf(output) : 0 }, windows: [readingWindow(along(y), along(x))] };
};

/** Window of the first input, for images; inputs of other ranks have no rows and columns. */
function slidingWindow(use: StockUse, kernel: readonly number[], dilationRate?: Pair): LayerWindow {
  const [height, width] = spatialOf(use.inputs[0]!, use);
  const [kernelHeight, kernelWidth] = kernel;
  if (use.inputs[0]!.length !== 4 || height === undefined || width === undefined) return POINTWISE_WINDOW;
  if (kernelHeight === undefined || kernelWidth === undefined) return POINTWISE_WINDOW;
  const window = resolveWindow('describe a layer', [height, width], [kernelHeight, kernelWidth], {
    strides: use.config.strides ?? 1,
    padding: (use.config.padding ?? 'valid') as Padding,
    dilations: dilationRate ?? 1,
  });
  return readingWindow(
    slidingReads(kernelHeight, window.strides[0], window.dilations[0], window.padTop),
    slidingReads(kernelWidth, window.strides[1], window.dilations[1], window.padLeft),
  );
}

/** A transposed convolution is a convolution of the input with s − 1 zeros between its elements. */
function transposedWindow({ config }: StockUse): LayerWindow {
  const { kernelSize = [], padding } = config;
  const strides = [config.strides ?? 1, config.strides ?? 1].map((pair, axis) =>
    typeof pair === 'number' ? pair : pair[axis as 0 | 1],
  );
  const along = (axis: 0 | 1): AxisReads => {
    const [kernel, stride] = [kernelSize[axis]!, strides[axis]!];
    const cropped = padding === 'same' ? Math.floor(Math.max(kernel - stride, 0) / 2) : 0;
    return transposedReads(kernel, stride, 1, cropped);
  };
  return readingWindow(along(0), along(1));
}

/** All axes but batch and channels. */
function spatialOf(shape: tf.Shape, { config }: StockUse): number[] {
  return (config.dataFormat === 'channelsFirst' ? shape.slice(2) : shape.slice(1, -1)) as number[];
}

function positionsOf(shape: tf.Shape, use: StockUse): number {
  return spatialOf(shape, use).reduce((product, size) => product * size, 1);
}

function channelsOf({ config, inputs }: StockUse): number {
  return inputs[0]!.at(config.dataFormat === 'channelsFirst' ? 1 : -1)!;
}

const STOCK_LAYERS: Readonly<Record<string, Describe>> = {
  Activation: (use) => (use.config.activation === 'linear' ? untouched(use) : activation(use)),
  Add: untouched,
  AlphaDropout: untouched,
  Average: untouched,
  AveragePooling1D: pooling,
  AveragePooling2D: pooling,
  AveragePooling3D: pooling,
  BatchNormalization: normalization,
  Concatenate: untouched,
  Conv1D: convolution,
  Conv2D: convolution,
  Conv2DTranspose: transposedConvolution,
  Conv3D: convolution,
  Cropping2D: cropping,
  Dense: dense,
  DepthwiseConv2D: depthwiseConvolution,
  Dropout: untouched,
  ELU: activation,
  Embedding: rearrangement,
  Flatten: rearrangement,
  GaussianDropout: untouched,
  GaussianNoise: untouched,
  GlobalAveragePooling1D: globalPooling,
  GlobalAveragePooling2D: globalPooling,
  GlobalMaxPooling1D: globalPooling,
  GlobalMaxPooling2D: globalPooling,
  InputLayer: untouched,
  LayerNormalization: normalization,
  LeakyReLU: activation,
  Masking: untouched,
  MaxPooling1D: pooling,
  MaxPooling2D: pooling,
  MaxPooling3D: pooling,
  Maximum: untouched,
  Minimum: untouched,
  Multiply: untouched,
  PReLU: activation,
  Permute: permutation,
  ReLU: activation,
  Rescaling: normalization,
  RepeatVector: rearrangement,
  Reshape: rearrangement,
  SeparableConv2D: separableConvolution,
  Softmax: activation,
  SpatialDropout1D: untouched,
  ThresholdedReLU: activation,
  UpSampling2D: upSampling,
  ZeroPadding2D: zeroPadding,
};
