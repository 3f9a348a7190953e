/**
 * Prepares the graph of a file: constants out of nodes, activations that exporters write as several nodes into one, and
 * nodes that no output needs left out.
 */
import { floats, integers, type Constant } from './constant.js';
import type { FileGraph, FileNode } from './read_graph.js';
import { stridedView } from './strided_view.js';

/** An expression of `'x'`, numbers and operators. */
type Pattern = 'x' | number | Composed;

/** An operator with its operands. */
type Composed = readonly [operator: string, ...operands: Pattern[]];

/** Operands of these may be in either order. */
const COMMUTATIVE = ['Add', 'Mul'];

const CLIPPED: Pattern = ['Clip', ['Add', 'x', 3], 0, 6];
const ERROR_FUNCTION: readonly Pattern[] = [
  ['Add', ['Erf', ['Mul', 'x', Math.SQRT1_2]], 1],
  ['Add', ['Erf', ['Div', 'x', Math.SQRT2]], 1],
];
const CUBE: Pattern = ['Mul', ['Mul', 'x', 'x'], 'x'];
const CUBES: readonly Pattern[] = [CUBE, ['Pow', 'x', 3]];
const TANGENT = CUBES.map((cube): Pattern => {
  const inner: Pattern = ['Add', 'x', ['Mul', cube, 0.044715]];
  return ['Add', ['Tanh', ['Mul', inner, Math.sqrt(2 / Math.PI)]], 1];
});
/** 0.5 · x · (1 + curve), multiplied in any order. */
const halves = (curve: Pattern): Pattern[] => [
  ['Mul', ['Mul', 'x', 0.5], curve],
  ['Mul', ['Mul', 'x', curve], 0.5],
  ['Mul', 'x', ['Mul', curve, 0.5]],
];

/** Operators of ONNX with the expressions that compute the same. */
const COMPOSITIONS: readonly {
  readonly type: string;
  readonly approximate?: string;
  readonly patterns: readonly Pattern[];
}[] = [
  {
    type: 'HardSwish',
    patterns: [
      ['Div', ['Mul', 'x', CLIPPED], 6],
      ['Mul', 'x', ['Div', CLIPPED, 6]],
      ['Mul', ['Mul', 'x', CLIPPED], 1 / 6],
      ['Mul', 'x', ['Mul', CLIPPED, 1 / 6]],
      ['Mul', 'x', ['HardSigmoid', 'x', 1 / 6, 0.5]],
    ],
  },
  { type: 'Swish', patterns: [['Mul', 'x', ['Sigmoid', 'x']]] },
  { type: 'Mish', patterns: [['Mul', 'x', ['Tanh', ['Softplus', 'x']]]] },
  { type: 'Gelu', patterns: ERROR_FUNCTION.flatMap(halves) },
  { type: 'Gelu', approximate: 'tanh', patterns: TANGENT.flatMap(halves) },
];

/** Prepares a graph. */
export function simplify(graph: FileGraph): FileGraph {
  const constants = new Map(graph.constants);
  const nodes = graph.nodes.filter((node) => {
    const constant = constantOf(node);
    if (constant !== undefined) constants.set(node.outputs[0]!, constant);
    return constant === undefined;
  });
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const joined = nodes.map((node) => {
    const view = stridedView(
      node,
      (name) => producers.get(name),
      (name) => constants.get(name),
    );
    if (view === undefined) return compose(node, producers, constants);
    const target = `${node.outputs[0]!}/target`;
    constants.set(target, view.target);
    return { ...node, type: 'Reshape', inputs: [view.input, target], attributes: new Map() };
  });
  return { ...graph, constants, nodes: liveNodes(joined, graph.outputs) };
}

/** Value of a node that is a constant. */
function constantOf({ type, domain, attributes }: FileNode): Constant | undefined {
  if (type !== 'Constant' || domain !== '' || attributes.size !== 1) return undefined;
  const [[name, value]] = [...attributes] as [
    [string, FileNode['attributes'] extends ReadonlyMap<string, infer V> ? V : never],
  ];
  if (typeof value === 'object' && 'kind' in value) return value;
  if (typeof value === 'number') return name === 'value_int' ? integers([], [value]) : floats([], [value]);
  if (typeof value !== 'object') return undefined;
  return name === 'value_ints' ? integers([value.length], value) : floats([value.length], value);
}

function compose(
  node: FileNode,
  producers: ReadonlyMap<string, FileNode>,
  constants: ReadonlyMap<string, Constant>,
): FileNode {
  if (node.domain !== '' || !['Mul', 'Div'].includes(node.type)) return node;
  for (const { type, approximate, patterns } of COMPOSITIONS) {
    for (const pattern of patterns) {
      const x = new Matcher(producers, constants).find(node, pattern);
      if (x === undefined) continue;
      const attributes = new Map(approximate === undefined ? [] : [['approximate', approximate] as const]);
      return { ...node, type, inputs: [x], attributes };
    }
  }
  return node;
}

/** Compares expressions. */
class Matcher {
  private x: string | undefined;

  constructor(
    private readonly producers: ReadonlyMap<string, FileNode>,
    private readonly constants: ReadonlyMap<string, Constant>,
  ) {}

  /** Name of the value that stands for `x`, if a node computes the expression. */
  find(node: FileNode, pattern: Pattern): string | undefined {
    this.x = undefined;
    return this.fitsNode(node, pattern) ? this.x : undefined;
  }

  private fitsNode(node: FileNode | undefined, pattern: Pattern): boolean {
    if (typeof pattern !== 'object' || node === undefined) return false;
    const [operator, ...wanted] = pattern;
    if (node.type !== operator || node.domain !== '') return false;
    const operands = operandsOf(node);
    if (operands.length !== wanted.length) return false;
    const before = this.x;
    if (operands.every((operand, index) => this.fits(operand, wanted[index]!))) return true;
    this.x = before;
    if (!COMMUTATIVE.includes(operator)) return false;
    if ([...operands].reverse().every((operand, index) => this.fits(operand, wanted[index]!))) return true;
    this.x = before;
    return false;
  }

  private fits(operand: string | number, pattern: Pattern): boolean {
    if (pattern === 'x') {
      if (typeof operand !== 'string' || this.constants.has(operand)) return false;
      this.x ??= operand;
      return this.x === operand;
    }
    if (typeof pattern !== 'number') {
      return typeof operand === 'string' && this.fitsNode(this.producers.get(operand), pattern);
    }
    const value = typeof operand === 'number' ? operand : this.numberOf(operand);
    return value !== undefined && Math.abs(value - pattern) <= 1e-6 * Math.max(1, Math.abs(pattern));
  }

  private numberOf(name: string): number | undefined {
    const constant = this.constants.get(name);
    if (constant?.values.length !== 1) return undefined;
    const value = constant.values[0];
    return typeof value === 'number' ? value : undefined;
  }
}

/** Operands, with those that some operator sets have as attributes. */
function operandsOf({ type, inputs, attributes }: FileNode): readonly (string | number)[] {
  const number = (name: string, missing: number): number => {
    const value = attributes.get(name);
    return typeof value === 'number' ? value : missing;
  };
  if (type === 'HardSigmoid') return [...inputs, number('alpha', 0.2), number('beta', 0.5)];
  if (type === 'Clip' && inputs.length === 1) return [...inputs, number('min', -Infinity), number('max', Infinity)];
  return inputs;
}

/** The nodes that outputs need, in order. */
function liveNodes(nodes: readonly FileNode[], outputs: readonly string[]): FileNode[] {
  const needed = new Set(outputs);
  const live = [...nodes].reverse().filter((node) => {
    const isLive = node.outputs.some((output) => output !== '' && needed.has(output));
    if (isLive) for (const input of node.inputs) needed.add(input);
    return isLive;
  });
  return live.reverse();
}
