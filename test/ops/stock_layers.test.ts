/**
 * Stock convolutions of TensorFlow.js train on every backend once the package is imported: it adds the gradient kernels
 * that a backend lacks, correct for every stride and padding.
 */
import * as tf from '@tensorflow/tfjs';
import { conv2d as conv2dOracle, conv2dGradients } from '../oracle/conv2d.js';
import { depthwiseConv2d as depthwiseOracle, depthwiseConv2dGradients } from '../oracle/depthwise_conv2d.js';
import type { Window } from '../oracle/window.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { toTensor, toTensors } from '../support/gradient_check.js';
import { conv2dInputs, depthwiseInputs } from '../support/inputs.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

type HostPadding = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;

/** Our four-sided padding in the form of TensorFlow.js. */
function explicit([y, x]: readonly [
  readonly [number, number],
  readonly [number, number],
]): tf.backend_util.ExplicitPadding {
  return [
    [0, 0],
    [y[0], y[1]],
    [x[0], x[1]],
    [0, 0],
  ];
}

const SIDES = [
  [2, 1],
  [0, 3],
] as const;

const PADDINGS: readonly [title: string, host: HostPadding, padding: NonNullable<Window['padding']>][] = [
  ["'same'", 'same', 'same'],
  ["'valid'", 'valid', 'valid'],
  ['2', 2, 2],
  ['four sides', explicit(SIDES), SIDES],
];

const STRIDES: readonly [number, number][] = [
  [1, 1],
  [2, 1],
  [1, 3],
  [3, 2],
  [2, 2],
];
const KERNELS: readonly [number, number][] = [
  [3, 2],
  [1, 3],
  [2, 2],
  [3, 3],
  [1, 1],
];

/**
 * Includes 'same' with a kernel smaller than the stride, for which the stock wasm forward kernel is wrong; its
 * gradients are not. Excludes a number as padding if the axes differ: TensorFlow.js sizes both axes of the output by
 * the kernel's height and the stride of y, and on wasm then writes outside its memory.
 */
const WINDOWS = STRIDES.flatMap((strides) =>
  KERNELS.flatMap((kernel) =>
    PADDINGS.map(([title, host, padding]) => ({ strides, kernel, title, host, padding })).filter(
      ({ host }) => typeof host !== 'number' || (kernel[0] === kernel[1] && strides[0] === strides[1]),
    ),
  ),
);

type HostWindow = (typeof WINDOWS)[number];

/** tfjs-node's own kernels refuse numbers and explicit sides as padding, and depthwise strides that differ. */
function hostTakes(backend: string, { host, strides }: HostWindow, depthwise: boolean): boolean {
  if (backend !== 'tensorflow') return true;
  return typeof host === 'string' && (!depthwise || strides[0] === strides[1]);
}

interface LayerCase {
  readonly title: string;
  readonly make: () => tf.layers.Layer;
}

const shape: [number, number, number] = [7, 8, 3];

const LAYERS: readonly LayerCase[] = (['same', 'valid'] as const).flatMap((padding) =>
  [1, 2].flatMap((strides) => {
    const shared = { kernelSize: [3, 2] as [number, number], strides, padding, inputShape: shape };
    return [
      {
        title: `conv2d, stride ${strides}, '${padding}'`,
        make: (): tf.layers.Layer => tf.layers.conv2d({ ...shared, filters: 5 }),
      },
      {
        title: `depthwiseConv2d, stride ${strides}, '${padding}'`,
        make: (): tf.layers.Layer => tf.layers.depthwiseConv2d({ ...shared, depthMultiplier: 2 }),
      },
      {
        title: `separableConv2d, stride ${strides}, '${padding}'`,
        make: (): tf.layers.Layer => tf.layers.separableConv2d({ ...shared, filters: 5 }),
      },
      {
        title: `conv2dTranspose, stride ${strides}, '${padding}'`,
        make: (): tf.layers.Layer => tf.layers.conv2dTranspose({ ...shared, filters: 5 }),
      },
    ];
  }),
);

/** Gradients of ⟨layer(x), dy⟩ with respect to x and every weight, in a fixed order. */
function layerGradients(make: () => tf.layers.Layer): tf.Tensor[] {
  const random = new Random(5);
  const x = toTensor(random.array([2, ...shape]));
  const layer = make();
  layer.build([null, ...shape]);
  layer.setWeights(layer.getWeights().map((weight) => toTensor(random.array(weight.shape))));
  const dy = toTensor(random.array((layer.apply(x) as tf.Tensor).shape));
  const loss = (given: tf.Tensor): tf.Scalar => tf.sum(tf.mul(layer.apply(given) as tf.Tensor, dy));
  const { grads } = tf.variableGrads(() => loss(x));
  const weights = layer.trainableWeights.map(({ name }) => grads[name]!);
  const gradients = [tf.grad(loss)(x), ...weights];
  layer.weights.forEach((weight) => {
    weight.dispose();
  });
  return gradients;
}

describeBackends('stock convolutions', (backend) => {
  test.each(WINDOWS.filter((window) => hostTakes(backend.name, window, false)))(
    'tf.conv2d() has the right gradients: kernel $kernel, strides $strides, padding $title',
    async ({ strides, kernel, host, padding }) => {
      const inputs = conv2dInputs(1, [2, 8, 9, 3], [...kernel, 3, 5], { bias: false });
      const dy = new Random(2).array(conv2dOracle(inputs, { strides, padding }).shape);
      const want = conv2dGradients(inputs, dy, { strides, padding });
      await scoped(async () => {
        const { x, filter } = toTensors(inputs);
        const run = (...[image, weights]: tf.Tensor[]): tf.Tensor =>
          tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, strides, host, 'NHWC', 1, rounding(host));
        const [dx, dfilter] = tf.grads(run)([x!, filter!], toTensor(dy));
        await expectClose(dx!, want.x, backend.tolerance, 'd_x');
        await expectClose(dfilter!, want.filter, backend.tolerance, 'd_filter');
      });
    },
  );

  test.each(WINDOWS.filter((window) => hostTakes(backend.name, window, true)))(
    'tf.depthwiseConv2d() has the right gradients: kernel $kernel, strides $strides, padding $title',
    async ({ strides, kernel, host, padding }) => {
      const inputs = depthwiseInputs(3, [2, 8, 9, 3], [...kernel, 3, 2], { bias: false });
      const dy = new Random(4).array(depthwiseOracle(inputs, { strides, padding }).shape);
      const want = depthwiseConv2dGradients(inputs, dy, { strides, padding });
      await scoped(async () => {
        const { x, filter } = toTensors(inputs);
        const run = (...[image, weights]: tf.Tensor[]): tf.Tensor =>
          tf.depthwiseConv2d(image as tf.Tensor4D, weights as tf.Tensor4D, strides, host, 'NHWC', 1, rounding(host));
        const [dx, dfilter] = tf.grads(run)([x!, filter!], toTensor(dy));
        await expectClose(dx!, want.x, backend.tolerance, 'd_x');
        await expectClose(dfilter!, want.filter, backend.tolerance, 'd_filter');
      });
    },
  );

  // On the other backends these are the stock kernels, which are silently wrong.
  if (backend.name === 'wasm') {
    test('the gradient kernels support dilations, which TensorFlow.js rejects before it calls them', async () => {
      const window = { strides: [1, 2], padding: SIDES, dilations: [2, 3] } as const;
      const attributes = { strides: [1, 2], pad: explicit(SIDES), dilations: [2, 3], dimRoundingMode: 'floor' };
      const plain = conv2dInputs(8, [2, 8, 9, 3], [3, 2, 3, 5], { bias: false });
      const depthwise = depthwiseInputs(9, [2, 8, 9, 3], [3, 2, 3, 2], { bias: false });
      const dyPlain = new Random(10).array(conv2dOracle(plain, window).shape);
      const dyDepthwise = new Random(11).array(depthwiseOracle(depthwise, window).shape);
      const wantPlain = conv2dGradients(plain, dyPlain, window);
      const wantDepthwise = depthwiseConv2dGradients(depthwise, dyDepthwise, window);
      await scoped(async () => {
        const call = (kernel: string, inputs: tf.NamedTensorMap, shapes: object): tf.Tensor =>
          tf.engine().runKernel(kernel, inputs, { ...attributes, ...shapes });
        const filterOf = { x: toTensor(plain.x), dy: toTensor(dyPlain) };
        const filterShape = plain.filter.shape;
        await expectClose(
          call(tf.Conv2DBackpropFilter, filterOf, { filterShape }),
          wantPlain.filter,
          backend.tolerance,
        );
        const { x, filter } = depthwise;
        const dy = toTensor(dyDepthwise);
        await expectClose(
          call(tf.DepthwiseConv2dNativeBackpropFilter, { x: toTensor(x), dy }, { filterShape: filter.shape }),
          wantDepthwise.filter,
          backend.tolerance,
        );
        await expectClose(
          call(tf.DepthwiseConv2dNativeBackpropInput, { filter: toTensor(filter), dy }, { inputShape: x.shape }),
          wantDepthwise.x,
          backend.tolerance,
        );
      });
    });
  }

  test.each(LAYERS)('tf.layers has the gradients that it has on cpu: $title', async ({ make }) => {
    await tf.setBackend('cpu');
    const reference = await scoped(async () => Promise.all(layerGradients(make).map(values)));
    await tf.setBackend(backend.name);
    const gradients = tf.tidy(() => layerGradients(make));
    expect(gradients.length).toBeGreaterThan(2);
    for (const [index, gradient] of gradients.entries()) {
      await expectClose(gradient, reference[index]!, backend.tolerance, `gradient ${index}`);
    }
    tf.dispose(gradients);
  });

  test('a network of stock layers learns', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          filters: 4,
          kernelSize: 3,
          strides: 2,
          activation: 'relu',
          padding: 'same',
          inputShape: [8, 8, 1],
        }),
        tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu' }),
        tf.layers.separableConv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
        tf.layers.conv2dTranspose({ filters: 1, kernelSize: 2, strides: 2 }),
      ],
    });
    model.setWeights(
      model.getWeights().map((weight, index) => toTensor(new Random(index).array(weight.shape, -0.5, 0.5))),
    );
    model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
    const x = toTensor(new Random(6).array([16, 8, 8, 1]));
    const { history } = await model.fit(x, x, { epochs: 8, batchSize: 8, shuffle: false });
    const losses = history['loss'] as number[];
    expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]!);
    model.dispose();
    x.dispose();
  });
});

/** Numbers and explicit sides need a rule for sizes that do not divide; ours is the floor. */
function rounding(padding: HostPadding): 'floor' | undefined {
  return typeof padding === 'string' ? undefined : 'floor';
}
