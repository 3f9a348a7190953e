/** Layers over images without weights: pooling, padding, cropping, resizing, channels. */
import type { OnnxGraph } from './graph.js';
import { shapeOf } from './convolve.js';
import {
  imageOf,
  imageValue,
  isChannelsFirst,
  NotExportable,
  plainValue,
  type Converter,
  type Converters,
  type Image,
} from './layer_use.js';
import { normalizePadding } from '../../kernel/geometry.js';
import { centreCropOf, largestOf, type Crop, type Size } from '../../layers/crop_size.js';
import { ordered } from './value.js';
import { END, pad, pair, pool, windowIn } from './window.js';

type Sides = readonly [readonly [number, number], readonly [number, number]];

const pooling =
  (type: 'MaxPool' | 'AveragePool'): Converter =>
  (use) =>
    imageValue(use, { name: pool(use.graph, imageOf(use), windowIn(use.config, use.config['poolSize']), type) });

const globalPooling =
  (type: 'GlobalAveragePool' | 'GlobalMaxPool'): Converter =>
  (use) => {
    const pooled = use.graph.node(type, [imageOf(use).name]);
    return plainValue(use, use.graph.node('Flatten', [pooled], { axis: 1 }));
  };

/** Of sequences [n, steps, channels]. */
const globalPooling1d =
  (type: 'ReduceMean' | 'ReduceMax'): Converter =>
  (use) => {
    const x = ordered(use.graph, use.inputs[0]!, false);
    return plainValue(use, use.graph.node(type, [x, use.graph.integers(1)], { keepdims: 0 }));
  };

const padding =
  (mode: string): Converter =>
  (use) => {
    const [[top, bottom], [left, right]] = normalizePadding('export a layer', use.config['padding']) as Sides;
    return imageValue(use, { name: pad(use.graph, imageOf(use), [top, left, bottom, right], mode) });
  };

/** Slices rows and columns from `starts` up to `ends`. */
function crop(graph: OnnxGraph, { name }: Image, starts: string, ends: string): string {
  return graph.node('Slice', [name, starts, ends, graph.integers(2, 3)]);
}

const cropping: Converter = (use) => {
  const { graph, config } = use;
  const [[top, bottom], [left, right]] = config['cropping'] as Sides;
  // An end of −0 would be the beginning.
  const end = (amount: number): number => (amount === 0 ? END : -amount);
  const ends = graph.integers(end(bottom), end(right));
  return imageValue(use, { name: crop(graph, imageOf(use), graph.integers(top, left), ends) });
};

const cropLike: Converter = (use) => {
  const { graph } = use;
  const [x, like] = [imageOf(use), imageOf(use, 1)];
  return imageValue(use, { name: crop(graph, x, graph.integers(0, 0), sizeOfImage(graph, like)) });
};

/** [height, width]. */
function sizeOfImage(graph: OnnxGraph, { name, height, width }: Image): string {
  return height !== null && width !== null ? graph.integers(height, width) : shapeOf(graph, name, 2, 4);
}

/** Resizes to [height, width]. */
function resize(graph: OnnxGraph, { name }: Image, size: string, attributes: Parameters<OnnxGraph['node']>[2]): string {
  const sizes = graph.node('Concat', [shapeOf(graph, name, 0, 2), size], { axis: 0 });
  return graph.node('Resize', [name, '', '', sizes], attributes ?? {});
}

/** With half-pixel centres, as Keras does. */
const HALF_PIXEL = {
  bilinear: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
  // The pixel that contains the centre: rounds ⌊x + ½⌋.
  nearest: { mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_ceil' },
} as const;

/** By integer factors each pixel is repeated. */
const REPEAT = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' } as const;

const resizing: Converter = (use) => {
  const { graph, config } = use;
  const size = graph.integers(config['height'] as number, config['width'] as number);
  const mode = HALF_PIXEL[config['interpolation'] as keyof typeof HALF_PIXEL];
  return imageValue(use, { name: resize(graph, imageOf(use), size, mode) });
};

/** Crops of the centre, resized if they have another size than the output. */
const cropToSize =
  (cropOf: (image: Size, target: Size) => Crop): Converter =>
  (use) => {
    const { graph, config } = use;
    const image = imageOf(use);
    if (image.height === null || image.width === null) {
      throw new NotExportable('its crop is for images of one size: height and width must be known');
    }
    const target: Size = [config['height'] as number, config['width'] as number];
    const { start, size } = cropOf([image.height, image.width], target);
    const name = crop(graph, image, graph.integers(...start), graph.integers(start[0] + size[0], start[1] + size[1]));
    if (size[0] === target[0] && size[1] === target[1]) return imageValue(use, { name });
    return imageValue(use, { name: resize(graph, { ...image, name }, graph.integers(...target), HALF_PIXEL.bilinear) });
  };

const resizeLike: Converter = (use) => {
  const [x, like] = [imageOf(use), imageOf(use, 1)];
  return imageValue(use, { name: resize(use.graph, x, sizeOfImage(use.graph, like), HALF_PIXEL.bilinear) });
};

const upSampling =
  (bilinear: Parameters<OnnxGraph['node']>[2]): Converter =>
  (use) => {
    const { graph, config } = use;
    const [height, width] = pair(config['size']);
    const scales = graph.once(`scales ${height} ${width}`, () => graph.floats('scales', [4], [1, 1, height, width]));
    const mode = config['interpolation'] === 'bilinear' ? bilinear : REPEAT;
    return imageValue(use, { name: graph.node('Resize', [imageOf(use).name, '', scales], mode) });
  };

const channelShuffle: Converter = (use) => {
  const { graph, config } = use;
  const x = imageOf(use);
  const groups = config['groups'] as number;
  const split = graph.node('Reshape', [x.name, graph.integers(0, groups, x.channels / groups, -1)]);
  const shuffled = graph.node('Transpose', [split], { perm: [0, 2, 1, 3] });
  const shape =
    x.height !== null && x.width !== null
      ? graph.integers(0, x.channels, x.height, x.width)
      : graph.node('Shape', [x.name]);
  return imageValue(use, { name: graph.node('Reshape', [shuffled, shape]) });
};

const channelSlice: Converter = (use) => {
  const { graph, config } = use;
  const [start, size] = [config['start'] as number, config['size'] as number];
  const inputs = [imageOf(use).name, graph.integers(start), graph.integers(start + size), graph.integers(1)];
  return imageValue(use, { name: graph.node('Slice', inputs) });
};

/** `flatten` of TensorFlow.js reads channels-first images as channels last. */
const flatten: Converter = (use) => {
  const input = use.inputs[0]!;
  const first = isChannelsFirst(use) && input.shape.length === 4;
  const plain = ordered(use.graph, input, false);
  const x = first ? use.graph.node('Transpose', [plain], { perm: [0, 2, 3, 1] }) : plain;
  return plainValue(use, use.graph.node('Flatten', [x], { axis: 1 }));
};

/** Layers that compute their size from a second input, or none. */
export const IMAGE_LAYERS: Converters = {
  AveragePooling2D: pooling('AveragePool'),
  Cropping2D: cropping,
  Flatten: flatten,
  GlobalAveragePooling1D: globalPooling1d('ReduceMean'),
  GlobalAveragePooling2D: globalPooling('GlobalAveragePool'),
  GlobalMaxPooling1D: globalPooling1d('ReduceMax'),
  GlobalMaxPooling2D: globalPooling('GlobalMaxPool'),
  MaxPooling2D: pooling('MaxPool'),
  // TensorFlow.js has pixel centres at integers here, unlike Keras.
  UpSampling2D: upSampling({ mode: 'linear', coordinate_transformation_mode: 'asymmetric' }),
  ZeroPadding2D: padding('constant'),
  'Convolutions>AveragePooling2D': pooling('AveragePool'),
  'Convolutions>CenterCrop': cropToSize(centreCropOf),
  'Convolutions>ChannelShuffle': channelShuffle,
  'Convolutions>ChannelSlice': channelSlice,
  'Convolutions>CircularPad2D': padding('wrap'),
  'Convolutions>CropLike': cropLike,
  'Convolutions>MaxPooling2D': pooling('MaxPool'),
  'Convolutions>RandomCrop': cropToSize(largestOf),
  'Convolutions>ReflectPad2D': padding('reflect'),
  'Convolutions>ReplicatePad2D': padding('edge'),
  'Convolutions>ResizeBilinear': resizeLike,
  'Convolutions>Resizing': resizing,
  'Convolutions>UpSampling2D': upSampling(HALF_PIXEL.bilinear),
};
