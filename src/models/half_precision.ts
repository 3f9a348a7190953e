/** Copies a network for inference, with kernels, and images between convolutions, in half precision. */
import * as tf from '@tensorflow/tfjs';
import { toFused } from '../kernel/fused_activation.js';
import { packHalf } from '../ops/pack_half/op.js';
import { unpackedShape } from '../ops/pack_half/shapes.js';
import { copyModel, restore } from './rebuild.js';
import { ownName, weightsOf } from './weights_by_name.js';

/** Layers that have a `precision`, with the prefix of the options of their kernel. */
const KERNELS: Readonly<Record<string, string>> = {
  'Convolutions>Conv2D': 'kernel',
  'Convolutions>DilatedConv2D': 'kernel',
  'Convolutions>GroupedConv2D': 'kernel',
  'Convolutions>PointwiseConv2D': 'kernel',
  'Convolutions>DeformableConv2D': 'kernel',
  'Convolutions>DepthwiseConv2D': 'depthwise',
};

const DEFORMABLE = 'Convolutions>DeformableConv2D';
const IDENTITY = 'Convolutions>Identity';

/**
 * Copies a model with the kernels of its convolutions in half precision, and packed images where all that read the output
 * of one are others. Layers of TensorFlow.js, and those with an odd number of output channels, stay as they are.
 */
export function storeInHalf(model: tf.LayersModel): tf.LayersModel {
  const { layers, uses, readersOf } = readGraph(model);
  const stored = new Set(layers.filter(canStore));
  const canPack = (layer: tf.layers.Layer): boolean =>
    stored.has(layer) &&
    uses.get(layer) === 1 &&
    layer.getClassName() !== DEFORMABLE &&
    layer.getConfig()['dataFormat'] === 'channelsLast';
  const [givers, takers] = [new Set<tf.layers.Layer>(), new Set<tf.layers.Layer>()];
  for (const layer of layers.filter(canPack)) {
    const readers = readersOf(layer);
    if (toFused(layer.getConfig()['activation'] as string) === undefined) continue;
    if (readers === undefined || readers.length === 0 || !readers.every(canPack)) continue;
    givers.add(layer);
    for (const reader of readers) takers.add(reader);
  }
  const { copy, layers: copies } = copyModel(model, (layer) => {
    if (!stored.has(layer)) return restore(layer);
    const kernel = KERNELS[layer.getClassName()]!;
    const [gives, takes] = [givers.has(layer), takers.has(layer)];
    const packed = gives && takes ? 'both' : gives ? 'output' : 'input';
    return restore(layer, {
      precision: 'half',
      [`${kernel}Regularizer`]: null,
      [`${kernel}Constraint`]: null,
      ...(gives || takes ? { packedImages: packed } : {}),
    });
  });
  tf.tidy(() => {
    for (const [layer, made] of copies) {
      const weights = weightsOf(layer);
      made.setWeights(made.weights.map((weight) => inPrecisionOf(weight, weights.get(ownName(weight))!)));
    }
  });
  return copy;
}

/** Packs the values of a weight if the weight is packed. */
function inPrecisionOf({ dtype, shape }: tf.LayerVariable, values: tf.Tensor): tf.Tensor {
  if (dtype === values.dtype) return values;
  return packHalf(tf.reshape(values, unpackedShape(shape as number[])));
}

/** True if the layer's kernel can be stored in half precision: two output channels share a word. */
function canStore(layer: tf.layers.Layer): boolean {
  if (!(layer.getClassName() in KERNELS) || layer.getConfig()['precision'] !== 'single') return false;
  const kernel = layer.weights.find((weight) => ['kernel', 'depthwise_kernel'].includes(ownName(weight)))!;
  const [, , channels, last] = kernel.shape as number[];
  return (ownName(kernel) === 'kernel' ? last! : channels! * last!) % 2 === 0;
}

/** Layers of a model and of those nested in it, and what reads their outputs. */
interface Graph {
  readonly layers: readonly tf.layers.Layer[];
  /** Number of times that a layer is called. */
  readonly uses: ReadonlyMap<tf.layers.Layer, number>;
  /**
   * Layers that read the output of a layer, through identities; undefined if it is also an output of the model that
   * contains it. For layers that are called once.
   */
  readonly readersOf: (layer: tf.layers.Layer) => readonly tf.layers.Layer[] | undefined;
}

function readGraph(model: tf.LayersModel): Graph {
  const uses = new Map<tf.layers.Layer, number>();
  const outputs = new Set<number>();
  const outputOf = new Map<tf.layers.Layer, number>();
  const readers = new Map<number, tf.layers.Layer[]>();
  const visitModel = (visited: tf.LayersModel): void => {
    const nodes = new Set<unknown>();
    const visit = (tensor: tf.SymbolicTensor): void => {
      const layer = tensor.sourceLayer;
      const node = layer.inboundNodes[tensor.nodeIndex]!;
      if (nodes.has(node)) return;
      nodes.add(node);
      if (layer instanceof tf.LayersModel && !uses.has(layer)) visitModel(layer);
      uses.set(layer, (uses.get(layer) ?? 0) + 1);
      outputOf.set(layer, tensor.id);
      if (visited.inputs.some(({ id }) => id === tensor.id)) return;
      for (const input of node.inputTensors) {
        readers.set(input.id, [...(readers.get(input.id) ?? []), layer]);
        visit(input);
      }
    };
    for (const tensor of visited.outputs) {
      outputs.add(tensor.id);
      visit(tensor);
    }
  };
  visitModel(model);
  const readersOf = (layer: tf.layers.Layer): readonly tf.layers.Layer[] | undefined => {
    const id = outputOf.get(layer)!;
    if (outputs.has(id)) return undefined;
    const found = (readers.get(id) ?? []).map((reader) =>
      reader.getClassName() === IDENTITY && uses.get(reader) === 1 ? readersOf(reader) : [reader],
    );
    return found.includes(undefined) ? undefined : (found as tf.layers.Layer[][]).flat();
  };
  return { layers: [...uses.keys()].filter((layer) => !(layer instanceof tf.LayersModel)), uses, readersOf };
}
