/** Layers that compute element by element, merge tensors, rearrange them or multiply them by a matrix. */
import { deviationOf } from '../../layers/deviation.js';
import { activate } from './activations.js';
import { affineOf, batchNormalization, layerNormalization } from './convolve.js';
import { float, type Attributes } from './graph.js';
import {
  elementwise,
  NotExportable,
  plainValue,
  type Converter,
  type Converters,
  type LayerUse,
  type WeightValues,
} from './layer_use.js';
import { ordered, storedAxis, TO_CHANNELS_FIRST } from './value.js';
import { transpose } from './arrange_weights.js';

/** Layers that do nothing in inference. */
const untouched: Converter = (use) => ({ ...use.inputs[0]!, shape: use.shape });

const operator =
  (type: string, attributes: (use: LayerUse) => Attributes = () => ({})): Converter =>
  (use) =>
    elementwise(use, (name) => use.graph.node(type, [name], attributes(use)));

const activation =
  (identifier?: string): Converter =>
  (use) =>
    elementwise(use, (name, input) =>
      activate(use.graph, name, identifier ?? use.config['activation'], storedAxis(input, -1)),
    );

const softmax: Converter = (use) =>
  elementwise(use, (name, input) => {
    const axis = (use.config['axis'] as number | undefined) ?? -1;
    return use.graph.node('Softmax', [name], { axis: storedAxis(input, axis) });
  });

const relu: Converter = (use) =>
  elementwise(use, (name) => {
    const most = use.config['maxValue'] as number | null | undefined;
    const { graph } = use;
    if (most === null || most === undefined) return graph.node('Relu', [name]);
    return graph.node('Clip', [name, graph.scalar(0), graph.scalar(most)]);
  });

const slope = ({ config }: LayerUse): Attributes => ({ alpha: float((config['alpha'] as number | undefined) ?? 0.3) });

const prelu: Converter = (use) =>
  elementwise(use, (name, { shape, moved }) => {
    const alpha = use.weight('alpha')!;
    alpha.shape.forEach((size, axis) => {
      const given = shape[axis + 1];
      if (size !== 1 && size !== given) {
        throw new NotExportable(`its slopes are for images of one size: axis ${axis + 1} must be ${size}`);
      }
    });
    const perm = TO_CHANNELS_FIRST.slice(1).map((axis) => axis - 1);
    const arrange = (weight: WeightValues): WeightValues => (moved ? transpose(weight, perm) : weight);
    return use.graph.node('PRelu', [name, use.constant('alpha', arrange)]);
  });

const thresholded: Converter = (use) =>
  elementwise(use, (name) => {
    const theta = use.config['theta'] as number;
    return use.graph.node('ThresholdedRelu', [name], { alpha: float(theta) });
  });

const rescaling: Converter = (use) =>
  elementwise(use, (name) => {
    const { graph, config } = use;
    const scaled = graph.node('Mul', [name, graph.scalar(config['scale'] as number)]);
    return graph.node('Add', [scaled, graph.scalar((config['offset'] as number | undefined) ?? 0)]);
  });

/** By statistics that are options. */
const givenNormalization: Converter = (use) =>
  elementwise(use, (name, input) => {
    const { graph, config, layer } = use;
    const place = storedAxis(input, config['axis'] as number);
    const [mean, deviation] = [config['mean'], deviationOf(config['variance'] as number | number[])].map(
      (values, at) => {
        if (typeof values === 'number') return graph.scalar(values);
        const given = values as readonly number[];
        const shape = input.shape.map((_, axis) => (axis === place ? given.length : 1));
        return graph.floats(`${layer.name}/${at === 0 ? 'mean' : 'deviation'}`, shape, given);
      },
    ) as [string, string];
    if (config['invert'] === true) return graph.node('Add', [graph.node('Mul', [name, deviation]), mean]);
    return graph.node('Div', [graph.node('Sub', [name, mean]), deviation]);
  });

/** Inputs of a merging layer in one order of axes. */
function merged(use: LayerUse): { readonly names: string[]; readonly moved: boolean } {
  const { graph, inputs } = use;
  if (inputs.some(({ shape }) => shape.length !== inputs[0]!.shape.length)) {
    throw new NotExportable('its inputs must have the same rank');
  }
  const moved = inputs.some((input) => input.moved);
  return { names: inputs.map((input) => ordered(graph, input, moved)), moved };
}

const merge =
  (type: string): Converter =>
  (use) => {
    const { names, moved } = merged(use);
    const isPair = type === 'Sum' && names.length === 2;
    const name = use.graph.node(isPair ? 'Add' : type, names);
    return { name, shape: use.shape, moved, dtype: 'float32' };
  };

const multiply: Converter = (use) => {
  const { names, moved } = merged(use);
  const name = names.reduce((product, factor) => use.graph.node('Mul', [product, factor]));
  return { name, shape: use.shape, moved, dtype: 'float32' };
};

const concatenate: Converter = (use) => {
  const { names, moved } = merged(use);
  const axis = storedAxis({ shape: use.shape, moved }, (use.config['axis'] as number | undefined) ?? -1);
  return { name: use.graph.node('Concat', names, { axis }), shape: use.shape, moved, dtype: 'float32' };
};

const dense: Converter = (use) => {
  const { graph, config } = use;
  const input = use.inputs[0]!;
  const x = ordered(graph, input, false);
  const rows = use.weight('kernel')!.shape[0]!;
  if (input.shape.at(-1) !== rows) {
    throw new NotExportable(`its kernel is for ${rows} inputs and would get ${String(input.shape.at(-1))}`);
  }
  const kernel = use.constant('kernel');
  const bias = use.weight('bias') === undefined ? undefined : use.constant('bias');
  const multiplied = (): string => {
    if (input.shape.length === 2) return graph.node('Gemm', [x, kernel, bias ?? '']);
    const product = graph.node('MatMul', [x, kernel]);
    return bias === undefined ? product : graph.node('Add', [product, bias]);
  };
  return plainValue(use, activate(graph, multiplied(), config['activation'], input.shape.length - 1));
};

const reshape: Converter = (use) => {
  const { graph, shape } = use;
  const target = shape.slice(1).map((size) => size ?? -1);
  if (target.filter((size) => size === -1).length > 1) {
    throw new NotExportable('only one axis of its output may depend on the size of the input');
  }
  const x = ordered(graph, use.inputs[0]!, false);
  return plainValue(use, graph.node('Reshape', [x, graph.integers(0, ...target)]));
};

/** Moves of channels to the other end change how the tensor is stored, and nothing else. */
const permute: Converter = (use) => {
  const input = use.inputs[0]!;
  const dims = use.config['dims'] as readonly number[];
  const move = dims.join();
  if (move === '3,1,2' && input.moved) return { ...input, shape: use.shape, moved: false };
  if (move === '2,3,1' && !input.moved) return { ...input, shape: use.shape, moved: true };
  const x = ordered(use.graph, input, false);
  return plainValue(use, use.graph.node('Transpose', [x], { perm: [0, ...dims] }));
};

const repeat: Converter = (use) => {
  const { graph, config } = use;
  const x = graph.node('Unsqueeze', [use.inputs[0]!.name, graph.integers(1)]);
  return plainValue(use, graph.node('Tile', [x, graph.integers(1, config['n'] as number, 1)]));
};

const normalization: Converter = (use) => {
  const { graph, config } = use;
  const input = use.inputs[0]!;
  const { length } = input.shape;
  const given = [config['axis'] ?? -1].flat()[0] as number;
  const axis = given < 0 ? given + length : given;
  const epsilon = config['epsilon'] as number;
  const wantsMove = length === 4 && axis === 3;
  const stored = { ...input, name: ordered(graph, input, wantsMove), moved: wantsMove };
  const channels = use.weight('moving_mean')!.shape[0]!;
  if (input.shape[axis] !== channels) {
    throw new NotExportable(
      `its statistics are for ${channels} channels and it would get ${String(input.shape[axis])}`,
    );
  }
  let y: string;
  if (storedAxis(stored, axis) === 1) {
    y = batchNormalization(use, stored.name, '', epsilon, channels);
  } else {
    const shape = input.shape.map((_, other) => (other === axis ? channels : 1));
    const { scale, shift } = affineOf(use, epsilon, shape);
    const product = graph.node('Mul', [stored.name, graph.floats(`${use.layer.name}/scale`, shape, scale.values)]);
    y = graph.node('Add', [product, graph.floats(`${use.layer.name}/shift`, shape, shift.values)]);
  }
  return { ...stored, name: activate(graph, y, config['activation'], 1), shape: use.shape };
};

/** Over any axes; gamma and beta have their sizes. */
const stockLayerNormalization: Converter = (use) => {
  const { graph, config } = use;
  const input = use.inputs[0]!;
  const { length } = input.shape;
  const axes = [config['axis'] ?? -1].flat().map((axis) => ((axis as number) + length) % length);
  const x = ordered(graph, input, false);
  const shape = input.shape.map((size, axis) => (axes.includes(axis) ? size! : 1));
  const affine = (name: string): string | undefined =>
    use.weight(name) === undefined ? undefined : use.constant(name, ({ values }) => ({ shape, values }));
  return plainValue(
    use,
    layerNormalization(use, x, axes, config['epsilon'] as number, { gamma: affine('gamma'), beta: affine('beta') }),
  );
};

/** Layers of TensorFlow.js that change their input only in training. */
const TRAINING_ONLY = [
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'SpatialDropout1D',
  'Convolutions>Dropout',
  'Convolutions>RandomBrightness',
  'Convolutions>RandomContrast',
  'Convolutions>RandomFlip',
  'Convolutions>RandomRotation',
  'Convolutions>RandomTranslation',
  'Convolutions>RandomZoom',
] as const;

/** True if a layer differs when it is called in training mode. */
export function dependsOnTraining(className: string): boolean {
  if (className === 'Convolutions>RandomCrop') return true;
  return className.endsWith('BatchNormalization') || (TRAINING_ONLY as readonly string[]).includes(className);
}

export const ELEMENT_LAYERS: Converters = {
  ...Object.fromEntries(TRAINING_ONLY.map((name) => [name, untouched])),
  Activation: activation(),
  Add: merge('Sum'),
  Average: merge('Mean'),
  BatchNormalization: normalization,
  Concatenate: concatenate,
  Dense: dense,
  ELU: operator('Elu', ({ config }) => ({ alpha: float((config['alpha'] as number | undefined) ?? 1) })),
  LayerNormalization: stockLayerNormalization,
  LeakyReLU: operator('LeakyRelu', slope),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Multiply: multiply,
  Permute: permute,
  PReLU: prelu,
  ReLU: relu,
  RepeatVector: repeat,
  Rescaling: rescaling,
  Reshape: reshape,
  Softmax: softmax,
  ThresholdedReLU: thresholded,
  'Convolutions>BatchNormalization': normalization,
  'Convolutions>HardSwish': activation('hardSwish'),
  'Convolutions>Identity': untouched,
  'Convolutions>Normalization': givenNormalization,
};
