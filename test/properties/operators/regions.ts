/**
 * The six region operators. Half of the cases are exact in float32 (powers of two), so that samples and edges do lie
 * where values and slopes jump; among the others, cases with anything too near a jump are discarded.
 */
import fc from 'fast-check';
import { array64, type Array64 } from '../../oracle/array64.js';
import { deformPsRoiPool } from '../../oracle/deform_ps_roi_pool.js';
import type { Positions, RoiInputs, RoiOracle } from '../../oracle/roi.js';
import { deformRoiPool, psRoiAlign, roiAlign } from '../../oracle/roi_align.js';
import { psRoiPool, roiPool } from '../../oracle/roi_pool.js';
import { boxesOf, runRoi, type RoiName, type RoiOptionsOf } from '../../support/roi.js';
import { Random } from '../../support/random.js';
import { between, both, poisons, seed, TAILS } from '../arbitraries.js';
import { largest, magnitudes, property, type AnyProperty, type PropertyCase } from '../property.js';
import { poisoned } from './convolutions.js';

const BOXES = ['inside', 'across', 'outside', 'empty', 'inverted', 'edges', 'huge'] as const;
type BoxKind = (typeof BOXES)[number];

interface Regions {
  readonly seed: number;
  readonly exact: boolean;
  readonly batch: number;
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly boxes: readonly BoxKind[];
  readonly spatialScale: number;
  readonly outputSize: readonly [number, number];
}

const regions: fc.Arbitrary<Regions> = fc
  .record({
    seed,
    exact: fc.boolean(),
    batch: between(0, 3),
    size: both(between(1, 9)),
    channels: fc.oneof(between(1, 4), fc.constantFrom(...TAILS)),
    boxes: fc.array(fc.constantFrom(...BOXES), { maxLength: 4 }),
    spatialScale: fc.constantFrom(1, 0.5, 0.125, 2, 1 / 3, 0.1),
    outputSize: both(between(1, 5)),
  })
  // No box belongs to an image of an empty batch.
  .map((drawn) => ({ ...drawn, batch: drawn.boxes.length === 0 ? drawn.batch : Math.max(drawn.batch, 1) }))
  .map((drawn) =>
    drawn.exact
      ? {
          ...drawn,
          spatialScale: power(drawn.spatialScale),
          outputSize: [power(drawn.outputSize[0]), power(drawn.outputSize[1])],
        }
      : drawn,
  );

const samples = fc.record({ samplingRatio: between(-1, 4), aligned: fc.boolean(), offset: fc.boolean() });

/** The nearest power of two. */
function power(value: number): number {
  return 2 ** Math.round(Math.log2(value));
}

/** A box in feature pixels. */
function boxOfKind(random: Random, kind: BoxKind, [height, width]: readonly [number, number]): readonly number[] {
  const [y, x] = [random.uniform(0, height), random.uniform(0, width)];
  switch (kind) {
    case 'inside':
      return [y / 2, x / 2, height / 2 + y / 2, width / 2 + x / 2];
    case 'across':
      return [y - height, x - width, y + height / 2 + 0.3, x + 1.2];
    case 'outside':
      return random.integer(0, 1) === 0 ? [height + 3, x, height + 7, x + 2] : [y - 20, x - 20, y - 12, x - 15];
    case 'empty':
      return [y, x, y, x];
    case 'inverted':
      return [y + 2, x + 3, y, x];
    case 'edges':
      return [
        [-1, -0.5, 0][random.integer(0, 2)]!,
        [-1, -0.5, 0][random.integer(0, 2)]!,
        height - random.integer(0, 1),
        width,
      ];
    case 'huge':
      return [y - 3000, x - 2000, y + 3000, x + 1000];
  }
}

function inputsOf(
  given: Regions,
  channels: number,
  offset: readonly number[] | undefined,
  adaptive: boolean,
): RoiInputs {
  const { seed: start, exact, batch, size, boxes, spatialScale } = given;
  const random = new Random(start);
  const x = random.array([batch, ...size, channels]);
  // As many samples as pixels are too many in a huge box.
  const drawn = boxes.map((kind) => boxOfKind(random, adaptive && kind === 'huge' ? 'across' : kind, size));
  const coordinate = (value: number): number => Math.fround((exact ? Math.round(value * 8) / 8 : value) / spatialScale);
  return {
    x,
    boxes: boxesOf(
      ...drawn.map(([y1, x1, y2, x2]) => [coordinate(y1!), coordinate(x1!), coordinate(y2!), coordinate(x2!)] as const),
    ),
    boxIndices: array64([boxes.length], () => random.integer(0, batch - 1)),
    ...(offset && {
      offset: exact
        ? array64([boxes.length, ...offset], () => random.integer(-8, 8) / 4)
        : random.array([boxes.length, ...offset], -2, 2),
    }),
  };
}

/** Minimum distance in pixels from where a value or slope jumps. */
const NEAR = 1e-3;

/** Discards the case unless every coordinate is away from all jumps; exact ones may lie on them. */
function keepAway(coordinates: Iterable<number>, jumps: (coordinate: number) => readonly number[]): void {
  for (const coordinate of coordinates) fc.pre(jumps(coordinate).every((jump) => Math.abs(coordinate - jump) > NEAR));
}

interface Form<N extends RoiName> {
  readonly name: N;
  readonly oracle: RoiOracle<RoiOptionsOf[N]>;
  readonly options: RoiOptionsOf[N];
  readonly inputs: RoiInputs;
  readonly given: Regions;
  /** Distance outside the outermost pixels from which nothing is read. */
  readonly margin: number;
}

/** Discards an inexact case if a sample or an edge is near a jump. */
function keepFormAway<N extends RoiName>({ name, oracle, options, inputs, given, margin }: Form<N>): void {
  const { exact, spatialScale, size } = given;
  if (exact) return;
  const positions = oracle.positions?.(inputs, options);
  if (positions) away(positions, size, margin, inputs.offset !== undefined);
  if ('samplingRatio' in options && !((options.samplingRatio ?? 0) > 0)) {
    // An adaptive number of samples: not if a backend may count one more.
    const { data } = inputs.boxes;
    keepAway(
      [...data].flatMap((edge, index) =>
        index % 4 < 2 ? [((data[index + 2]! - edge) * spatialScale) / given.outputSize[index % 2]!] : [],
      ),
      (length) => [Math.round(length)],
    );
  }
  if (name === 'roiPool' || name === 'psRoiPool' || name === 'deformPsRoiPool') {
    const scale = name === 'deformPsRoiPool' ? 1 : spatialScale;
    keepAway(
      [...inputs.boxes.data].map((edge) => edge * scale),
      (edge) => [Math.floor(edge) + 0.5],
    );
  }
}

function build<N extends RoiName>(form: Form<N>): PropertyCase {
  const { name, oracle, options, inputs, given } = form;
  keepFormAway(form);
  const typed = (arrays: object): RoiInputs => arrays as RoiInputs;
  const differentiable = inputs.offset === undefined ? ['x'] : ['x', 'offset'];
  // In float32 the error of a position is relative to the largest number it is computed from, and shifts x by that much
  // between pixels.
  const reach = 1 + Math.max(...given.size, largest(inputs.boxes) * given.spatialScale);
  return {
    inputs,
    run: runRoi(name, options),
    oracle: (arrays) => oracle.value(typed(arrays), options),
    gradients: (arrays, dy) => oracle.gradients(typed(arrays), options, dy),
    differentiable,
    linear: name === 'roiPool' ? [] : ['x'],
    kinks: name === 'roiPool' ? ['x'] : ['offset'],
    items: ['boxes', 'boxIndices', ...(inputs.offset ? ['offset'] : [])],
    magnitude: (arrays, dy) => {
      const positive = { ...typed(arrays), x: magnitudes(typed(arrays).x) };
      const sums = oracle.gradients(positive, options, magnitudes(dy), true);
      return {
        y: largest(positive.x) * reach,
        gradients: {
          x: (largest(sums.x!) + largest(dy)) * reach,
          ...(sums.offset && { offset: largest(sums.offset) * reach }),
        },
      };
    },
  };
}

function away(positions: Positions, size: readonly [number, number], margin: number, slopes: boolean): void {
  const jumps =
    (length: number) =>
    (coordinate: number): readonly number[] => [
      -margin,
      length - 1 + margin,
      ...(slopes ? [Math.round(coordinate)] : []),
    ];
  keepAway(positions.y, jumps(size[0]));
  keepAway(positions.x, jumps(size[1]));
}

const poolSpecs = fc.record({ given: regions, ties: fc.boolean(), poison: poisons });

/** Maps x to few different values, so that bins have several maxima. */
function tied(x: Array64): Array64 {
  return array64(x.shape, (index) => Math.round(x.data[index]! * 2) / 2);
}

const roiPoolProperty = property({
  title: 'roiPool()',
  operators: ['roiPool'],
  specs: poolSpecs,
  build: ({ given, ties, poison }) => {
    const { outputSize, spatialScale, channels } = given;
    const drawn = inputsOf(given, channels, undefined, false);
    const inputs = poisoned({ ...drawn, x: ties ? tied(drawn.x) : drawn.x }, poison, given.seed);
    const options = { outputSize, spatialScale };
    return build({ name: 'roiPool', oracle: roiPool, options, inputs, given, margin: 1 });
  },
});

const psRoiPoolProperty = property({
  title: 'psRoiPool()',
  operators: ['psRoiPool'],
  specs: poolSpecs,
  build: ({ given, poison }) => {
    const { outputSize, spatialScale } = given;
    const channels = (given.channels % 5) + 1;
    const inputs = poisoned(
      inputsOf(given, channels * outputSize[0] * outputSize[1], undefined, false),
      poison,
      given.seed,
    );
    const options = { outputSize, spatialScale };
    return build({ name: 'psRoiPool', oracle: psRoiPool, options, inputs, given, margin: 1 });
  },
});

const sampledSpecs = fc.record({ given: regions, sampling: samples });

/** With exact positions there are two or four samples for three or as many as there are pixels. */
function ratioOf({ exact }: Regions, samplingRatio: number): number {
  return exact ? power(Math.max(samplingRatio, 2)) : samplingRatio;
}

const roiAlignProperty = property({
  title: 'roiAlign()',
  operators: ['roiAlign'],
  specs: sampledSpecs,
  build: ({ given, sampling }) => {
    const { outputSize, spatialScale, channels } = given;
    const samplingRatio = ratioOf(given, sampling.samplingRatio);
    const inputs = inputsOf(given, channels, undefined, samplingRatio <= 0);
    const options = { outputSize, spatialScale, samplingRatio, aligned: sampling.aligned };
    return build({ name: 'roiAlign', oracle: roiAlign, options, inputs, given, margin: 1 });
  },
});

const psRoiAlignProperty = property({
  title: 'psRoiAlign()',
  operators: ['psRoiAlign'],
  specs: sampledSpecs,
  build: ({ given, sampling }) => {
    const { outputSize, spatialScale } = given;
    const channels = (given.channels % 5) + 1;
    const samplingRatio = ratioOf(given, sampling.samplingRatio);
    const inputs = inputsOf(given, channels * outputSize[0] * outputSize[1], undefined, samplingRatio <= 0);
    const options = { outputSize, spatialScale, samplingRatio };
    return build({ name: 'psRoiAlign', oracle: psRoiAlign, options, inputs, given, margin: 1 });
  },
});

const deformRoiPoolProperty = property({
  title: 'deformRoiPool()',
  operators: ['deformRoiPool'],
  specs: sampledSpecs,
  build: ({ given, sampling }) => {
    const { outputSize, spatialScale, channels } = given;
    const samplingRatio = ratioOf(given, sampling.samplingRatio);
    const offset = sampling.offset ? [...outputSize, 2] : undefined;
    const inputs = inputsOf(given, channels, offset, samplingRatio <= 0);
    const options = { outputSize, spatialScale, samplingRatio, gamma: given.exact ? 0.25 : 0.1 };
    return build({ name: 'deformRoiPool', oracle: deformRoiPool, options, inputs, given, margin: 1 });
  },
});

const deformPsRoiPoolProperty = property({
  title: 'deformPsRoiPool()',
  operators: ['deformPsRoiPool'],
  specs: fc.record({
    given: regions,
    classes: between(0, 3),
    groupSize: between(1, 3),
    partSize: between(1, 4),
    samplesPerPart: between(1, 4),
  }),
  build: ({ given, classes, groupSize, partSize, samplesPerPart }) => {
    const { exact, outputSize, spatialScale } = given;
    const outputDim = ((given.channels % 3) + 1) * Math.max(classes, 1);
    const offset = classes === 0 ? undefined : [partSize, partSize, classes * 2];
    const inputs = inputsOf(given, outputDim * groupSize ** 2, offset, false);
    const options = {
      ...{ outputDim, groupSize, partSize, spatialScale },
      pooledSize: outputSize[0],
      samplesPerPart: exact ? power(samplesPerPart) : samplesPerPart,
      transStd: exact ? 0.25 : 0.1,
    };
    return build({ name: 'deformPsRoiPool', oracle: deformPsRoiPool, options, inputs, given, margin: 0.5 });
  },
});

export const REGION_PROPERTIES: readonly AnyProperty[] = [
  roiPoolProperty,
  roiAlignProperty,
  psRoiPoolProperty,
  psRoiAlignProperty,
  deformRoiPoolProperty,
  deformPsRoiPoolProperty,
];
