/** One node of a file, as the builders of layers see it. */
import type { Constant } from './constant.js';
import { brief, NotImportable } from './import_error.js';
import type { Planner } from './planner.js';
import type { LayerSpec } from './planned.js';
import type { AttributeValue, FileNode } from './read_graph.js';
import { known, type Size } from './sizes.js';
import type { Axis, Value } from './value.js';

/** A value of the file: computed by the model, or known before. */
export type AnyValue = Value | Constant;

/** Facts of the graph around a node. */
export interface Surroundings {
  readonly opset: number;
  readonly planner: Planner;
  /** Number of uses of a value. */
  readonly uses: (name: string) => number;
  /** All values of the model so far. */
  readonly tensors: () => Iterable<Value>;
}

/** Computes the outputs of a node, or its single one. */
export type Build = (use: NodeUse) => AnyValue | readonly AnyValue[];

/** An operator. */
export interface Operator {
  /** Names of the attributes that are understood. @default none */
  readonly attributes?: readonly string[];
  readonly build: Build;
}

/** Operators by their type. */
export type Operators = Readonly<Record<string, Operator>>;

/** Operators whose second input is the kernel of a layer. */
const LAYERS = ['Conv', 'ConvTranspose', 'DeformConv', 'Gemm', 'MatMul'];

/** One node with its inputs. */
export class NodeUse {
  readonly planner: Planner;
  readonly opset: number;

  constructor(
    readonly node: FileNode,
    /** Undefined for an absent input. */
    readonly inputs: readonly (AnyValue | undefined)[],
    readonly around: Surroundings,
  ) {
    this.planner = around.planner;
    this.opset = around.opset;
  }

  /** True if an input is there. An empty constant is absent too: some exporters write that. */
  has(index: number): boolean {
    const input = this.inputs[index];
    return input !== undefined && (input.kind === 'tensor' || input.values.length > 0);
  }

  /** An input that the model computes. */
  tensor(index = 0): Value {
    const input = this.inputs[index];
    if (input?.kind !== 'tensor') throw new NotImportable(`its input ${index} must be computed, not a constant`);
    return input;
  }

  constant(index: number): Constant {
    const input = this.inputs[index];
    if (input === undefined || input.kind === 'tensor') {
      throw new NotImportable(`its input ${index} must be a constant`);
    }
    return input;
  }

  /** Real numbers of a constant input. */
  floats(index: number): { readonly shape: readonly number[]; readonly values: Float32Array } {
    const constant = this.constant(index);
    if (constant.kind === 'floats') return constant;
    return { shape: constant.shape, values: Float32Array.from(constant.values, known) };
  }

  /** Integers of a constant input, some of which may be unknown. */
  sizes(index: number): readonly Size[] {
    const constant = this.constant(index);
    return constant.kind === 'integers' ? constant.values : Array.from(constant.values);
  }

  /** Integers of an input that must be known, or of the attribute that held them in older operator sets. */
  numbers(index: number, attribute?: string): readonly number[] | undefined {
    if (this.has(index)) return this.sizes(index).map(known);
    return attribute === undefined ? undefined : this.list(attribute);
  }

  /** A number of an input, or of an attribute. */
  scalar(index: number, attribute?: string): number | undefined {
    if (this.has(index)) return this.floats(index).values[0];
    const value = attribute === undefined ? undefined : this.node.attributes.get(attribute);
    return typeof value === 'number' ? value : undefined;
  }

  number(name: string, missing: number): number {
    return this.attribute(name, (value) => typeof value === 'number', 'a number', missing) as number;
  }

  text(name: string, missing: string): string {
    return this.attribute(name, (value) => typeof value === 'string', 'a text', missing) as string;
  }

  list(name: string): readonly number[] | undefined {
    return this.attribute(name, Array.isArray, 'a list of numbers', undefined) as readonly number[] | undefined;
  }

  private attribute(
    name: string,
    isRight: (value: AttributeValue) => boolean,
    kind: string,
    missing: AttributeValue | undefined,
  ): AttributeValue | undefined {
    const { attributes } = this.node;
    if (!attributes.has(name)) return missing;
    const value = attributes.get(name);
    if (value === undefined || !isRight(value)) throw new NotImportable(`its attribute ${name} must be ${kind}`);
    return value;
  }

  /** Rejects a node unless it has one of these values. */
  expect<T>(name: string, value: T, allowed: readonly T[]): T {
    if (allowed.includes(value)) return value;
    throw new NotImportable(`its ${name} must be ${allowed.join(' or ')}, not ${brief(String(value))}`);
  }

  /** An image input, stored channels last. */
  image(index = 0): Value {
    return this.planner.image(this.tensor(index), this.node.name);
  }

  /** Adds a layer that makes the first output of the node. */
  layer(spec: LayerSpec, inputs: readonly Value[], axes: readonly Axis[], stored: readonly Axis[]): Value {
    const source = this.planner.layer(this.layerName, spec, inputs, this.node.outputs[0], this.sharedWeights);
    return { kind: 'tensor', source, axes, stored };
  }

  /** Name of the weights, with all that else makes the layer, if several nodes use the kernel. */
  private get sharedWeights(): string | undefined {
    const { type, inputs, attributes } = this.node;
    if (!LAYERS.includes(type) || this.around.uses(inputs[1] ?? '') < 2) return undefined;
    const constants = inputs.map((name, index) => (this.inputs[index]?.kind === 'tensor' ? '' : name));
    return JSON.stringify([type, constants, [...attributes].sort()]);
  }

  /** Name of the layer: that of PyTorch's module, if the kernel has the name of its weight, else that of the node. */
  private get layerName(): string {
    return /^(.+)\.weight$/.exec(this.node.inputs[1] ?? '')?.[1] ?? this.node.name;
  }

  /** Adds a layer that makes one image batch from others. */
  imageLayer(spec: LayerSpec, inputs: readonly Value[], axes: readonly [Axis, Axis, Axis, Axis]): Value {
    const [n, c, h, w] = axes;
    return this.layer(spec, inputs, axes, [n, h, w, c]);
  }

  /** Adds a layer that computes element by element. */
  elementwise(spec: LayerSpec, x: Value): Value {
    return this.layer(spec, [x], x.axes, x.stored);
  }

  /** Adds a further layer before or after the one that has the name of the node. */
  extra(suffix: string, spec: LayerSpec, x: Value): Value {
    return { ...x, source: this.planner.layer(`${this.node.name}_${suffix}`, spec, [x]) };
  }

  /** An axis of a value, counted from its end if it is negative. */
  axis(given: number, rank: number): number {
    const axis = given < 0 ? given + rank : given;
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
      throw new NotImportable(`its axis must be one of the ${rank} of its input, not ${given}`);
    }
    return axis;
  }
}
