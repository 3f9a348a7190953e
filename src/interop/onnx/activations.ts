/** Activations of TensorFlow.js and of this package. */
import { float, type OnnxGraph } from './graph.js';
import { NotExportable } from './layer_use.js';

type Apply = (graph: OnnxGraph, x: string, axis: number) => string;

/** An operator with the activation's name. */
const operator =
  (type: string): Apply =>
  (graph, x) =>
    graph.node(type, [x]);

/** 0.5 · x · (1 + curve(x)). */
const gelu =
  (curve: (graph: OnnxGraph, x: string) => string): Apply =>
  (graph, x) => {
    const shifted = graph.node('Add', [curve(graph, x), graph.scalar(1)]);
    return graph.node('Mul', [graph.node('Mul', [x, graph.scalar(0.5)]), shifted]);
  };

const errorFunction = (graph: OnnxGraph, x: string): string =>
  graph.node('Erf', [graph.node('Mul', [x, graph.scalar(Math.SQRT1_2)])]);

const tangent = (graph: OnnxGraph, x: string): string => {
  const cube = graph.node('Mul', [graph.node('Mul', [x, x]), x]);
  const sum = graph.node('Add', [x, graph.node('Mul', [cube, graph.scalar(0.044715)])]);
  return graph.node('Tanh', [graph.node('Mul', [sum, graph.scalar(Math.sqrt(2 / Math.PI))])]);
};

const ACTIVATIONS: Readonly<Record<string, Apply>> = {
  linear: (_, x) => x,
  elu: operator('Elu'),
  gelu: gelu(errorFunction),
  gelu_new: gelu(tangent),
  geluNew: gelu(tangent),
  // TensorFlow.js has the slope of Keras 2.
  hardSigmoid: (graph, x) => graph.node('HardSigmoid', [x], { alpha: float(0.2), beta: float(0.5) }),
  hardSwish: operator('HardSwish'),
  logSoftmax: (graph, x, axis) => graph.node('LogSoftmax', [x], { axis }),
  mish: (graph, x) => graph.node('Mul', [x, graph.node('Tanh', [graph.node('Softplus', [x])])]),
  relu: operator('Relu'),
  relu6: (graph, x) => graph.node('Clip', [x, graph.scalar(0), graph.scalar(6)]),
  selu: operator('Selu'),
  sigmoid: operator('Sigmoid'),
  softmax: (graph, x, axis) => graph.node('Softmax', [x], { axis }),
  softplus: operator('Softplus'),
  softsign: operator('Softsign'),
  swish: (graph, x) => graph.node('Mul', [x, graph.node('Sigmoid', [x])]),
  tanh: operator('Tanh'),
};

/** Names of tfjs's serialised activations: `relu6`, but also `hard_sigmoid`. */
const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * Applies an activation.
 *
 * @param axis stored axis of a softmax
 */
export function activate(graph: OnnxGraph, x: string, identifier: unknown, axis: number): string {
  const name = typeof identifier === 'string' ? identifier : 'linear';
  const apply = ACTIVATIONS[name] ?? ACTIVATIONS[camelCase(name)];
  if (apply === undefined) throw new NotExportable(`its activation '${name}' has no form in ONNX`);
  return apply(graph, x, axis);
}
