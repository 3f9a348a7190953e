/**
 * Region layers. RoiAlign and MaxRoiPool of ONNX are roiAlign and roiPool; psRoiAlign is RoiAlign of all channels, of which
 * each bin keeps its own; the three others are composed (region_weights.ts).
 */
import { imageOf, imageValue, type Converter, type Converters, type LayerUse } from './layer_use.js';
import { float } from './graph.js';
import { TO_CHANNELS_LAST } from './value.js';
import {
  Arithmetic,
  axisOf,
  pixelWeights,
  poolBins,
  sampleWeights,
  type Edges,
  type Sampling,
  type Span,
} from './region_weights.js';
import { pair } from './window.js';

const INT64 = 7;

/** Image of each box, [k], int64. */
function boxIndicesOf({ graph, inputs }: LayerUse): string {
  const flat =
    inputs[2]!.shape.length === 1 ? inputs[2]!.name : graph.node('Reshape', [inputs[2]!.name, graph.integers(-1)]);
  return graph.node('Cast', [flat], { to: INT64 });
}

/** Boxes as (x1, y1, x2, y2). */
function cornersOf({ graph, inputs }: LayerUse): string {
  return graph.node('Gather', [inputs[1]!.name, graph.integers(1, 0, 3, 2)], { axis: 1 });
}

const scaleOf = ({ config }: LayerUse): number => config['spatialScale'] as number;

/** RoiAlign of ONNX over all channels. */
function align(use: LayerUse, bins: readonly [number, number], aligned: boolean): string {
  return use.graph.node('RoiAlign', [imageOf(use).name, cornersOf(use), boxIndicesOf(use)], {
    ...{ output_height: bins[0], output_width: bins[1], sampling_ratio: use.config['samplingRatio'] as number },
    ...{ spatial_scale: float(scaleOf(use)), mode: 'avg' },
    coordinate_transformation_mode: aligned ? 'half_pixel' : 'output_half_pixel',
  });
}

const roiAlign: Converter = (use) =>
  imageValue(use, { name: align(use, pair(use.config['outputSize']), use.config['aligned'] === true) });

const roiPool: Converter = (use) => {
  const { graph } = use;
  const indices = graph.node('Cast', [boxIndicesOf(use)], { to: 1 });
  const column = graph.node('Unsqueeze', [indices, graph.integers(1)]);
  const rois = graph.node('Concat', [column, cornersOf(use)], { axis: 1 });
  const attributes = { pooled_shape: pair(use.config['outputSize']), spatial_scale: float(scaleOf(use)) };
  return imageValue(use, { name: graph.node('MaxRoiPool', [imageOf(use).name, rois], attributes) });
};

const psRoiAlign: Converter = (use) => {
  const { graph } = use;
  const bins = pair(use.config['outputSize']);
  const count = bins[0] * bins[1];
  const channels = imageOf(use).channels / count;
  // [k, channels, (the bin that reads it), (bin)]: the diagonal.
  const all = graph.node('Reshape', [align(use, bins, true), graph.integers(0, channels, count * count)]);
  const diagonal = Array.from({ length: count }, (_, bin) => bin * (count + 1));
  const own = graph.node('Gather', [all, graph.integers(...diagonal)], { axis: 2 });
  return imageValue(use, { name: graph.node('Reshape', [own, graph.integers(0, channels, ...bins)]) });
};

/** Start and end of the boxes along an axis, [k, 1] each. */
function edgesOf({ graph, inputs }: LayerUse, axis: 0 | 1): Edges {
  const column = (index: number): string => graph.node('Gather', [inputs[1]!.name, graph.integers(index)], { axis: 1 });
  return { start: column(axis), end: column(axis + 2) };
}

/** Bins of a grid, row by row. */
function gridLines([rows, columns]: readonly [number, number]): (readonly [number, number])[] {
  return Array.from({ length: rows * columns }, (_, bin) => [Math.floor(bin / columns), bin % columns] as const);
}

const numbers = (count: number): number[] => [...Array(count).keys()];

/** [k, bins · channels] as an image [k, channels, rows, columns]. */
function asImage(
  use: LayerUse,
  pooled: string,
  bins: readonly [number, number],
  classes: number,
  channels: number,
): string {
  const { graph } = use;
  const split = graph.node('Reshape', [pooled, graph.integers(-1, classes, ...bins, channels)]);
  const moved = graph.node('Transpose', [split], { perm: [0, 1, 4, 2, 3] });
  return graph.node('Reshape', [moved, graph.integers(0, classes * channels, ...bins)]);
}

const psRoiPool: Converter = (use) => {
  const math = new Arithmetic(use.graph);
  const image = imageOf(use);
  const bins = pair(use.config['outputSize']);
  const count = bins[0] * bins[1];
  const channels = image.channels / count;
  const weights = ([0, 1] as const).map((axis) => {
    const { start, end } = edgesOf(use, axis);
    const rounded = (edge: string): string => math.round(math.mul(edge, scaleOf(use)));
    const first = rounded(start);
    const pixels = math.max(math.sub(rounded(end), first), 1);
    const along = { bins: numbers(bins[axis]), count: bins[axis] };
    return pixelWeights(math, { first, pixels }, along, axisOf(math, image, axis));
  }) as [string, string];
  const pooled = poolBins(math, image, boxIndicesOf(use), weights, {
    lines: gridLines(bins),
    channels: numbers(count).map((bin) => numbers(channels).map((c) => c * count + bin)),
  });
  return imageValue(use, { name: asImage(use, pooled, bins, 1, channels) });
};

/** Pools with the given offsets, [k, offsets of a box], if any; returns an image. */
type PoolAt = (offset: string | undefined) => string;

/** A deformable layer: pools without offsets, predicts them from the result, and pools again. */
function deformed(use: LayerUse, poolAt: PoolAt): string {
  const { graph, config, inputs } = use;
  const flat = (name: string): string =>
    graph.node('Flatten', [graph.node('Transpose', [name], { perm: TO_CHANNELS_LAST })]);
  if (config['predictOffsets'] !== true) return poolAt(inputs.length > 3 ? flat(imageOf(use, 3).name) : undefined);
  const units = config['offsetUnits'] as readonly number[];
  const names = [...units.map((_, index) => `offset_hidden_${index + 1}`), 'offset'];
  return poolAt(
    names.reduce(
      (x, name, index) => {
        const y = graph.node('Gemm', [x, use.constant(`${name}_kernel`), use.constant(`${name}_bias`)]);
        return index < units.length ? graph.node('Relu', [y]) : y;
      },
      flat(poolAt(undefined)),
    ),
  );
}

/** Offsets along an axis of each line of bins, [k, lines], from the list of their indices. */
function offsetsAt({ graph }: LayerUse, offset: string, indices: readonly number[]): string {
  return graph.node('Gather', [offset, graph.integers(...indices)], { axis: 1 });
}

/** [start, end] · scale − shift. */
function spanOf(math: Arithmetic, { start, end }: Edges, scale: number, shift: number): Span {
  const edge = (location: string): string => math.sub(math.mul(location, scale), shift);
  const first = edge(start);
  return { start: first, size: math.sub(edge(end), first) };
}

const deformableRoiPool: Converter = (use) => {
  const math = new Arithmetic(use.graph);
  const { config } = use;
  const image = imageOf(use);
  const bins = pair(config['outputSize']);
  const grid = gridLines(bins);
  const poolAt: PoolAt = (offset) => {
    const weights = ([0, 1] as const).map((axis) => {
      const span = spanOf(math, edgesOf(use, axis), scaleOf(use), 0.5);
      const sampling: Sampling = {
        ...{ bins: grid.map((bin) => bin[axis]), count: bins[axis], samples: config['samplingRatio'] as number },
        ...{ centred: true, margin: 1, countOutside: true },
      };
      const moved = (given: string): Span => {
        const shift = offsetsAt(
          use,
          given,
          grid.map((_, bin) => 2 * bin + axis),
        );
        return {
          ...span,
          start: math.add(span.start, math.mul(math.mul(span.size, config['gamma'] as number), shift)),
        };
      };
      return sampleWeights(math, offset === undefined ? span : moved(offset), sampling, axisOf(math, image, axis));
    }) as [string, string];
    const lines = grid.map((_, bin) => [bin, bin] as const);
    return asImage(use, poolBins(math, image, boxIndicesOf(use), weights, { lines }), bins, 1, image.channels);
  };
  return imageValue(use, { name: deformed(use, poolAt) });
};

/** Smallest size of a box of deformPsRoiPool, in pixels of the features. */
const SMALLEST = 0.1;

const deformablePsRoiPool: Converter = (use) => {
  const math = new Arithmetic(use.graph);
  const { config } = use;
  const image = imageOf(use);
  const numberIn = (name: string): number => config[name] as number;
  const [size, parts, groups] = [numberIn('pooledSize'), numberIn('partSize'), numberIn('groupSize')];
  const [classes, samples] = [numberIn('classes'), numberIn('samplesPerPart')];
  const channels = numberIn('outputDim') / classes;
  const grid = gridLines([size, size]);
  const lines = numbers(classes).flatMap((owner) => grid.map((bin) => ({ owner, bin })));
  const partOf = (bin: number, count: number): number => Math.floor((bin * count) / size);
  const poolAt: PoolAt = (offset) => {
    const weights = ([0, 1] as const).map((axis) => {
      const edges = edgesOf(use, axis);
      const rounded = { start: math.round(edges.start), end: math.add(math.round(edges.end), 1) };
      const whole = spanOf(math, rounded, scaleOf(use), 0.5);
      const span = { ...whole, size: math.max(whole.size, SMALLEST) };
      const indices = lines.map(({ owner, bin }) => {
        const part = partOf(bin[0], parts) * parts + partOf(bin[1], parts);
        return (part * classes + owner) * 2 + axis;
      });
      const moved = (given: string): Span => {
        const scale = math.mul(span.size, numberIn('transStd'));
        return { ...span, start: math.add(span.start, math.mul(scale, offsetsAt(use, given, indices))) };
      };
      const sampling: Sampling = {
        ...{ bins: lines.map(({ bin }) => bin[axis]), count: size, samples },
        ...{ centred: false, margin: 0.5, countOutside: false },
      };
      return sampleWeights(math, offset === undefined ? span : moved(offset), sampling, axisOf(math, image, axis));
    }) as [string, string];
    const pooled = poolBins(math, image, boxIndicesOf(use), weights, {
      lines: lines.map((_, line) => [line, line] as const),
      channels: lines.map(({ owner, bin }) => {
        const group = partOf(bin[0], groups) * groups + partOf(bin[1], groups);
        return numbers(channels).map((c) => (owner * channels + c) * groups * groups + group);
      }),
    });
    return asImage(use, pooled, [size, size], classes, channels);
  };
  return imageValue(use, { name: deformed(use, poolAt) });
};

export const REGION_LAYERS: Converters = {
  'Convolutions>DeformablePSRoIPool': deformablePsRoiPool,
  'Convolutions>DeformableRoIPool': deformableRoiPool,
  'Convolutions>PSRoIAlign': psRoiAlign,
  'Convolutions>PSRoIPool': psRoiPool,
  'Convolutions>RoIAlign': roiAlign,
  'Convolutions>RoIPool': roiPool,
};
