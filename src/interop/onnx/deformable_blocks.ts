/** DCNv3 and DCNv4: as a DeformConv with a depthwise filter of ones, or as weighted samples of GridSample. */
import { activate } from './activations.js';
import { reshaped } from './arrange_weights.js';
import { convolve, layerNormalization, POINTWISE } from './convolve.js';
import { tapsOf } from './deformable_layers.js';
import { imageOf, imageValue, type Converter, type Converters, type Image, type LayerUse } from './layer_use.js';
import { perGroup, splitMask, sumOverTaps, together, type TapGrid } from './sample_taps.js';
import { pair, slide, type Window } from './window.js';

/** Epsilon of the layer normalisation in version 3. */
const NORM_EPSILON = 1e-6;

/** Sampling grid of a block. */
interface Grid {
  readonly window: Window;
  readonly groups: number;
  readonly scale: number;
  /** Index of the tap that is left out, if it is. */
  readonly center: number | undefined;
  /** Distances (y, x) of all taps from the centre, in pixels. */
  readonly distances: readonly (readonly [number, number])[];
}

const block =
  (version: 3 | 4): Converter =>
  (use) => {
    const { graph } = use;
    const image = imageOf(use);
    const grid = gridOf(use);
    const guide = guideOf(use, image, grid.window, version);
    const value = use.weight('input_kernel') === undefined ? image : project(use, image, 'input');
    const strides = version === 4 && guide.name === image.name ? grid.window.strides : ([1, 1] as const);
    const offset = project(use, guide, 'offset', strides).name;
    const logits = project(use, guide, 'mask', strides).name;
    const taps = grid.distances.length - (grid.center === undefined ? 0 : 1);
    // One softmax per group over its taps.
    const mask = perGroup(graph, logits, grid.groups, taps);
    const weights = version === 3 ? graph.node('Softmax', [mask], { axis: 1 }) : mask;
    const sample = use.settings.deformable === 'native' ? deformConv : sampled;
    let samples = sample(use, value, grid, offset, weights);
    if (use.weight('center_kernel') !== undefined) {
      samples = blend(use, samples, value, version === 3 ? guide : samples, grid.groups);
    }
    return imageValue(use, use.weight('output_kernel') === undefined ? samples : project(use, samples, 'output'));
  };

function gridOf({ config }: LayerUse): Grid {
  const [kernelSize, strides] = [pair(config['kernelSize']), pair(config['strides'])];
  const dilations = pair(config['dilationRate']);
  const half = kernelSize.map((taps, axis) => (dilations[axis]! * (taps - 1)) / 2) as [number, number];
  const taps = tapsOf(kernelSize);
  return {
    window: { kernelSize, strides, dilations, padding: half },
    groups: config['groups'] as number,
    scale: config['offsetScale'] as number,
    center: config['removeCenter'] === true ? (taps.length - 1) / 2 : undefined,
    distances: taps.map(([a, b]) => [a * dilations[0] - half[0], b * dilations[1] - half[1]]),
  };
}

/** Features from which offsets and weights are predicted. */
function guideOf(use: LayerUse, image: Image, { strides }: Window, version: 3 | 4): Image {
  const kernel = use.weight('depthwise_kernel');
  if (kernel === undefined) return image;
  const kernelSize = kernel.shape.slice(0, 2) as [number, number];
  const guide = convolve(use, image, {
    kernel: 'depthwise_kernel',
    bias: 'depthwise_bias',
    depthwise: true,
    window: { kernelSize, strides, dilations: [1, 1], padding: [(kernelSize[0] - 1) / 2, (kernelSize[1] - 1) / 2] },
  });
  if (version === 4) return guide;
  const perChannel = reshaped(guide.channels, 1, 1);
  const name = layerNormalization(use, guide.name, [1], NORM_EPSILON, {
    gamma: use.constant('norm_gamma', perChannel),
    beta: use.constant('norm_beta', perChannel),
  });
  return { ...guide, name: activate(use.graph, name, use.config['activation'], 1) };
}

/** 1×1 convolution with bias. */
function project(use: LayerUse, image: Image, name: string, strides: readonly [number, number] = [1, 1]): Image {
  const bias = use.weight(`${name}_bias`) === undefined ? undefined : `${name}_bias`;
  return convolve(use, image, { kernel: `${name}_kernel`, bias, window: { ...POINTWISE, strides } });
}

/** The standard operator, whose taps are at distance · 1 + offset; the centre, if left out, has the weight 0. */
function deformConv(use: LayerUse, image: Image, grid: Grid, given: string, weights: string): Image {
  const { graph, layer } = use;
  const { window, groups, scale, center, distances } = grid;
  const kept = distances.filter((_, tap) => tap !== center);
  const all = distances.length;
  let offset = given;
  if (scale !== 1) {
    const shifts = Array.from({ length: groups }, () => kept.flat().map((distance) => distance * (scale - 1))).flat();
    const shift = graph.floats(`${layer.name}/shifts`, [1, shifts.length, 1, 1], shifts);
    offset = graph.node('Add', [graph.node('Mul', [offset, graph.scalar(scale)]), shift]);
  }
  let mask = weights;
  if (center !== undefined) {
    offset = withZeros(use, perGroup(graph, offset, groups, 2 * kept.length), center * 2, (all - 1 - center) * 2, 2);
    offset = together(graph, offset, groups, groups * 2 * all);
    mask = withZeros(use, mask, center, all - 1 - center, 1);
  }
  const slid = slide(graph, image, window, true);
  const ones = graph.floats(
    `${layer.name}/ones`,
    [image.channels, 1, ...window.kernelSize],
    new Float32Array(image.channels * all).fill(1),
  );
  const inputs = [slid.name, ones, offset, '', together(graph, mask, groups, groups * all)];
  const name = graph.node('DeformConv', inputs, {
    ...slid.attributes,
    group: image.channels,
    offset_group: groups,
  });
  return { ...image, name, height: slid.outHeight, width: slid.outWidth };
}

/** Puts `count` channels of zeros between the first `before` channels and the last `after` ones. */
function withZeros({ graph }: LayerUse, name: string, before: number, after: number, count: number): string {
  const [first, last] = graph.split('Split', [name, graph.integers(before, after)], 2, { axis: 1 });
  const padded = graph.node('Pad', [first!, graph.integers(0, 0, 0, 0, 0, count, 0, 0)]);
  return graph.node('Concat', [padded, last!], { axis: 1 });
}

/** Weighted samples. */
function sampled(use: LayerUse, image: Image, grid: Grid, offset: string, weights: string): Image {
  const { graph, settings } = use;
  const { window, groups, scale, center, distances } = grid;
  const { outHeight, outWidth } = slide(graph, image, window, true);
  const kept = distances.filter((_, tap) => tap !== center);
  const masks = splitMask(graph, weights, 1, kept.length);
  const taps: TapGrid = {
    ...{ offset, groups, scale, outHeight, outWidth, strides: window.strides, nanGuard: settings.nanGuard },
    taps: kept.map(([y, x]) => [y * scale, x * scale]),
  };
  const sum = sumOverTaps(graph, image, taps, (sample, tap) => graph.node('Mul', [sample, masks[tap]!]));
  return { ...image, name: together(graph, sum, groups, image.channels), height: outHeight, width: outWidth };
}

/** Blends: samples + (value − samples) · gate, with one gate for all channels of a group. */
function blend(use: LayerUse, samples: Image, value: Image, features: Image, groups: number): Image {
  const { graph } = use;
  const grouped = ({ name, channels }: Image): string => perGroup(graph, name, groups, channels / groups);
  const gate = perGroup(graph, graph.node('Sigmoid', [project(use, features, 'center').name]), groups, 1);
  const own = grouped(samples);
  const change = graph.node('Mul', [graph.node('Sub', [grouped(value), own]), gate]);
  return { ...samples, name: together(graph, graph.node('Add', [own, change]), groups, samples.channels) };
}

export const DEFORMABLE_BLOCKS: Converters = {
  'Convolutions>DeformableConv2DV3': block(3),
  'Convolutions>DeformableConv2DV4': block(4),
};
