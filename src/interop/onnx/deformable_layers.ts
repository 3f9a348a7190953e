/** Deformable convolutions, versions 1 and 2: as DeformConv, or as samples of GridSample and 1×1 convolutions. */
import { depthwiseFirst, filterFirst, reshaped, transpose } from './arrange_weights.js';
import { activated } from './convolution_layers.js';
import { convolve } from './convolve.js';
import { imageOf, type Converter, type Converters, type Image, type LayerUse, type WeightValues } from './layer_use.js';
import { splitMask, sumOverTaps, together, type TapGrid } from './sample_taps.js';
import { slide, windowIn, type Slid, type Window } from './window.js';

/** Operands that deform a convolution. */
interface Deformation {
  readonly window: Window;
  readonly slid: Slid;
  /** [n, groups · taps · 2, outH, outW]. */
  readonly offset: string;
  /** [n, groups · taps, outH, outW]. */
  readonly mask: string | undefined;
  readonly groups: number;
}

/** The convolution that is deformed. */
interface Filter {
  /** Name of the weight. */
  readonly kernel: string;
  readonly arrange: typeof filterFirst;
  /** Name of the constant; empty if there is none. */
  readonly bias: string;
  readonly group: number;
}

const deformableConvolution: Converter = (use) => {
  const { graph, config } = use;
  const given = imageOf(use);
  const window = windowIn(config);
  const [offset, mask] = config['predictOffsets'] === true ? predict(use, given, window) : givenOffsets(use);
  const slid = slide(graph, given, window, true);
  // An image that is padded in the graph has a size that depends on the input.
  const image = slid.name === given.name ? given : { ...given, name: slid.name, height: null, width: null };
  const limit = config['offsetLimit'] as number | null;
  const deformation: Deformation = {
    ...{ window, slid, mask, groups: config['offsetGroups'] as number },
    offset: limit === null ? offset : graph.node('Clip', [offset, graph.scalar(-limit), graph.scalar(limit)]),
  };
  const depthwise = config['depthwise'] === true;
  const filter: Filter = {
    kernel: depthwise ? 'depthwise_kernel' : 'kernel',
    arrange: depthwise ? depthwiseFirst : filterFirst,
    bias: use.weight('bias') === undefined ? '' : use.constant('bias'),
    group: depthwise ? image.channels : (config['groups'] as number),
  };
  const form = use.settings.deformable === 'native' ? deformConv : sampled;
  return activated(use, { ...image, name: form(use, image, filter, deformation) });
};

/** Offsets and mask that the layer predicts from the image. */
function predict(use: LayerUse, image: Image, window: Window): [string, string | undefined] {
  const { graph, config } = use;
  const { name, channels } = convolve(use, image, { kernel: 'offset_kernel', bias: 'offset_bias', window });
  if (config['modulated'] !== true) return [name, undefined];
  const masks = channels / 3;
  const [offset, logits] = graph.split('Split', [name, graph.integers(2 * masks, masks)], 2, { axis: 1 });
  const mask = graph.node('Sigmoid', [logits!]);
  return [offset!, config['maskActivation'] === 'doubleSigmoid' ? graph.node('Mul', [mask, graph.scalar(2)]) : mask];
}

/** Offsets and mask that are inputs of the layer. */
function givenOffsets(use: LayerUse): [string, string | undefined] {
  return [imageOf(use, 1).name, use.inputs.length > 2 ? imageOf(use, 2).name : undefined];
}

/** The standard operator. */
function deformConv(use: LayerUse, image: Image, filter: Filter, deformation: Deformation): string {
  const { slid, offset, mask, groups } = deformation;
  const inputs = [image.name, use.constant(filter.kernel, filter.arrange), offset, filter.bias, mask ?? ''];
  return use.graph.node('DeformConv', inputs, { ...slid.attributes, group: filter.group, offset_group: groups });
}

/** The sum over the taps of a 1×1 convolution of the samples. */
function sampled(use: LayerUse, image: Image, filter: Filter, deformation: Deformation): string {
  const { graph, settings } = use;
  const { window, slid, offset, mask, groups } = deformation;
  const [top, left] = slid.before!;
  const taps = tapsOf(window.kernelSize);
  const masks = mask === undefined ? undefined : splitMask(graph, mask, groups, taps.length);
  const whole = filter.arrange(use.weight(filter.kernel)!);
  const filters = filtersOfTaps(whole, taps.length);
  // One weight per channel is a factor: no runtime needs a convolution for it.
  const isFactor = filter.group === image.channels && whole.shape[0] === image.channels;
  const grid: TapGrid = {
    ...{ offset, groups, strides: window.strides, scale: 1, nanGuard: settings.nanGuard },
    taps: taps.map(([a, b]) => [a * window.dilations[0] - top, b * window.dilations[1] - left]),
    outHeight: slid.outHeight,
    outWidth: slid.outWidth,
  };
  const sum = sumOverTaps(graph, image, grid, (sample, tap) => {
    const weighted = masks === undefined ? sample : graph.node('Mul', [sample, masks[tap]!]);
    const x = together(graph, weighted, groups, image.channels);
    const { shape, values } = filters[tap]!;
    const arranged = { shape: isFactor ? [image.channels, 1, 1] : shape, values };
    const kernel = use.constant(filter.kernel, () => arranged, `tap_${tap}`);
    if (isFactor) return graph.node('Mul', [x, kernel]);
    const bias = tap === 0 ? filter.bias : '';
    return graph.node('Conv', [x, kernel, bias], { kernel_shape: [1, 1], group: filter.group });
  });
  if (!isFactor || filter.bias === '') return sum;
  return graph.node('Add', [sum, use.constant('bias', reshaped(image.channels, 1, 1), 'column')]);
}

/** Rows and columns of a kernel, row by row. */
export function tapsOf([height, width]: readonly [number, number]): (readonly [number, number])[] {
  return Array.from({ length: height * width }, (_, tap) => [Math.floor(tap / width), tap % width] as const);
}

/** Filters [out, in, 1, 1] of each tap of a filter [out, in, kh, kw]. */
function filtersOfTaps({ shape, values }: WeightValues, taps: number): WeightValues[] {
  const [outputs, inputs] = shape as [number, number];
  const size = outputs * inputs;
  const tapFirst = transpose({ shape: [size, taps], values }, [1, 0]).values;
  return Array.from({ length: taps }, (_, tap) => ({
    shape: [outputs, inputs, 1, 1],
    values: tapFirst.slice(tap * size, (tap + 1) * size),
  }));
}

export const DEFORMABLE_LAYERS: Converters = { 'Convolutions>DeformableConv2D': deformableConvolution };
