/** Replays on wasm that compute normalised activations a second time, and write results over inputs, beside the function itself. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { normalisedTwice } from '../../src/capture/normalised_twice.js';
import { programOf, type Program } from '../../src/capture/program.js';
import { record } from '../../src/capture/recorder.js';
import type { KernelStep } from '../../src/capture/recording.js';
import { layOutProgram } from '../../src/capture/wasm_layout.js';
import { SGD } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { compareCaptured, type Subject } from './support/compare_captured.js';
import { trainingSubject } from './support/training_subject.js';
import { numbers } from './support/numbers.js';

/** Large enough that a normalised activation of 16 channels has left the cache when the backward pass reads it. */
const image = (call: number): tf.Tensor => tf.randomUniform([4, 32, 32, 4], -1, 1, 'float32', call + 1);

const uniform = (seed: number): ReturnType<typeof tf.initializers.randomUniform> =>
  tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed });

const pointwise = (filters: number, seed: number): tf.layers.Layer =>
  conv.layers.pointwiseConv2d({ filters, useBias: false, kernelInitializer: uniform(seed) });

const normalised = (
  x: tf.SymbolicTensor,
  activation: 'linear' | 'relu' | 'relu6',
  trainable = true,
): tf.SymbolicTensor => conv.layers.batchNormalization({ activation, trainable }).apply(x) as tf.SymbolicTensor;

type Body = (x: tf.SymbolicTensor) => tf.SymbolicTensor;

/** A step that trains a network, which is added to a list; it returns the loss. */
function training(body: Body, models: tf.LayersModel[] = []): Subject {
  const input = tf.input({ shape: [32, 32, 4] });
  const model = tf.model({ inputs: input, outputs: body(input) });
  models.push(model);
  return trainingSubject(model, new SGD({ learningRate: 0.1 }));
}

const layer = (each: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor => each.apply(x) as tf.SymbolicTensor;

/** Networks, and the number of activations that are computed twice. */
const NETWORKS: readonly (readonly [title: string, body: Body, twice: number])[] = [
  [
    'convolutions of every kind',
    (input) => {
      const first = normalised(
        layer(conv.layers.conv2d({ filters: 16, kernelSize: 3, kernelInitializer: uniform(1) }), input),
        'relu6',
      );
      const depthwise = conv.layers.depthwiseConv2d({ kernelSize: 3, depthwiseInitializer: uniform(2) });
      const second = normalised(layer(depthwise, first), 'relu');
      const third = normalised(layer(pointwise(16, 3), second), 'linear');
      return layer(pointwise(2, 4), third);
    },
    3,
  ],
  [
    'frozen normalisations beside others',
    (input) => {
      const first = normalised(layer(pointwise(16, 1), input), 'relu6', false);
      const second = normalised(layer(pointwise(16, 2), first), 'relu');
      return layer(pointwise(2, 3), normalised(layer(pointwise(16, 4), second), 'relu6', false));
    },
    3,
  ],
  [
    'several readers, one in another shape',
    (input) => {
      const first = normalised(layer(pointwise(16, 1), input), 'relu6');
      const flat = layer(tf.layers.reshape({ targetShape: [1024, 16] }), first);
      const dense = tf.layers.dense({ units: 16, kernelInitializer: uniform(2), activation: 'tanh' });
      const back = layer(tf.layers.reshape({ targetShape: [32, 32, 16] }), layer(dense, flat));
      const sum = tf.layers.add().apply([first, layer(pointwise(16, 3), first), back]) as tf.SymbolicTensor;
      return layer(pointwise(2, 4), normalised(sum, 'relu'));
    },
    2,
  ],
  [
    'a normalisation of a normalised activation',
    (input) => {
      const first = normalised(normalised(layer(pointwise(16, 1), input), 'relu'), 'linear');
      return layer(pointwise(2, 3), layer(pointwise(16, 2), first));
    },
    2,
  ],
];

/** Returns what a replay runs for a call. */
function programFor({ f }: Subject, x: tf.Tensor): Program {
  // Optimizers create their state in the first call.
  tf.tidy(() => void f(x));
  const { recording, result } = record(() => f(x) as tf.Tensor, [x]);
  tf.dispose(result);
  return programOf(recording!, { dropReshapes: true });
}

const again = ({ steps }: Program): number => {
  const kernels = steps.filter((step): step is KernelStep => step.kind === 'kernel');
  const inference = kernels.filter(({ name }) => name === 'Convolutions/BatchNormInference');
  const repeated = inference.filter(
    ({ inputs }, index) => inference.findIndex((each) => each.inputs['x'] === inputs['x']) < index,
  );
  return kernels.filter(({ name }) => name === 'Convolutions/BatchNormAgain').length + repeated.length;
};

const bytesFor = (program: Program): number => layOutProgram(program, new Map()).bytes;

describeBackends(
  'normalised activations',
  (backend) => {
    test.each(NETWORKS)('are the same bits the second time: %s', async (_, body, twice) => {
      const subject = training(body);
      const x = image(0);
      const program = programFor(subject, x);
      const fewer = normalisedTwice(program);
      expect([again(program), again(fewer)]).toEqual([0, twice]);
      expect(bytesFor(fewer)).toBeLessThan(bytesFor(program));
      tf.dispose([x, ...subject.variables!]);
      subject.dispose!();
      const { signatures } = await compareCaptured(
        backend,
        () => training(body),
        (call) => [image(call)],
      );
      expect(signatures[0]).toMatchObject({ state: 'replayed' });
    });

    test('follow weights that are set and layers that are frozen between calls', () => {
      const models: tf.LayersModel[] = [];
      const [usual, other] = [0, 1].map(() => training(NETWORKS[0]![1], models)) as [Subject, Subject];
      const captured = conv.capture(other.f as (x: tf.Tensor) => tf.Tensor);
      const change = (call: number): void => {
        for (const model of models) {
          const [first, second] = model.layers.filter((each) => each.getClassName().endsWith('BatchNormalization'));
          if (call === 5) {
            tf.tidy(() => {
              first!.setWeights(first!.getWeights().map((weight) => weight.add(0.25)));
            });
          }
          if (call === 7 || call === 12) second!.trainable = call === 12;
        }
      };
      const state = ({ variables }: Subject): number[] => variables!.flatMap((variable) => [...variable.dataSync()]);
      for (let call = 0; call < 16; call++) {
        change(call);
        const x = image(call);
        expect(numbers(() => captured(x))).toEqual(numbers(() => usual.f(x) as tf.Tensor));
        expect(state(other)).toEqual(state(usual));
        x.dispose();
      }
      expect(captured.report().signatures[0]).toMatchObject({ state: 'replayed' });
      captured.dispose();
      for (const { variables, dispose } of [usual, other]) {
        tf.dispose([...variables!]);
        dispose!();
      }
    });

    test('are kept if they are returned, soon read again or small', () => {
      const gamma = tf.ones<tf.Rank.R1>([16]);
      const cases: readonly (readonly [size: number, f: (x: tf.Tensor) => tf.Tensor[]])[] = [
        [32, (x) => [conv.batchNorm(x, { gamma }).y]],
        [32, (x) => [conv.batchNorm(x, { gamma }).y.square().sum()]],
        [4, (x) => [tf.grad((z: tf.Tensor) => conv.batchNorm(z, { gamma }).y.square())(x)]],
      ];
      for (const [size, f] of cases) {
        const x = tf.randomUniform([4, size, size, 16]);
        const program = programFor({ f }, x);
        expect(normalisedTwice(program)).toBe(program);
        x.dispose();
      }
      gamma.dispose();
    });
  },
  { where: ({ name, variant }) => name === 'wasm' && variant === undefined },
);

describeBackends(
  'memory of replays',
  (backend) => {
    const bias = (): tf.Tensor1D => tf.tensor1d([1, 2, 3]);
    const add = (x: tf.Tensor): tf.Tensor => conv.batchNorm(x, { beta: bias(), activation: 'relu' }).y;
    /** The function, and whether the normalised value takes the place of what it is computed from. */
    const cases: readonly (readonly [
      title: string,
      f: (x: tf.Tensor) => tf.Tensor | tf.Tensor[],
      isShared: boolean,
    ])[] = [
      ['an input read for the last time gives its place to the result', (x) => add(x.square()).neg(), true],
      ['one that is read again keeps it', (x) => ((y) => add(y).mul(y))(x.square()), false],
      ['one that is a result of the function keeps it', (x) => ((y) => [y, add(y)])(x.square()), false],
    ];

    test.each(cases)('%s', async (_, f, isShared) => {
      const x = tf.randomUniform([5, 3]);
      const program = programFor({ f }, x);
      const { places } = layOutProgram(program, new Map());
      const step = program.steps.find(
        (each) => each.kind === 'kernel' && each.name === 'Convolutions/BatchNorm',
      ) as KernelStep;
      const [from, to] = [step.inputs['x']!, step.outputs[0]!].map((id) => places.get(program.roots[id]!)!);
      expect(from === to).toBe(isShared);
      x.dispose();
      await compareCaptured(
        backend,
        () => ({ f }),
        (call) => [tf.randomUniform([5, 3], -1, 1, 'float32', call + 1)],
      );
    });
  },
  { where: ({ name, variant }) => name === 'wasm' && variant === undefined },
);
