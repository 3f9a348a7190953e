/**
 * An ONNX graph under construction: nodes and constants with unique names. It knows nothing of layers, nor of the bytes
 * of a file.
 */

/** A float attribute of a node; a plain number is an integer. */
export interface FloatAttribute {
  readonly float: number;
}

/** Value of an attribute of a node. */
export type Attribute = number | string | readonly number[] | FloatAttribute;

/** Attributes of a node by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** One node; its name is that of its first output. */
export interface OnnxNode {
  readonly type: string;
  /** Names of values; an empty one is absent. */
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: Attributes;
}

/** Elements of a constant: float32, float16 as bits, or int64. */
export type ConstantValues = Float32Array | Uint16Array | BigInt64Array;

/** A constant of the graph. */
export interface OnnxConstant {
  readonly shape: readonly number[];
  readonly values: ConstantValues;
}

/** Makes a float attribute. */
export function float(value: number): FloatAttribute {
  return { float: value };
}

/** Nodes and constants in the order in which they were added. */
export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants = new Map<string, OnnxConstant>();
  private readonly names = new Set<string>();
  private readonly shared = new Map<string, string>();
  private prefix = '';
  private firstOfLayer = 0;

  /** Adds a node with one output; returns the name of its output. */
  node(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.split(type, inputs, 1, attributes)[0]!;
  }

  /** Adds a node with several outputs; returns their names. */
  split(type: string, inputs: readonly string[], count: number, attributes: Attributes = {}): string[] {
    const outputs = Array.from({ length: count }, () => this.unique(`${this.prefix}${type}`));
    const given = [...inputs];
    while (given.at(-1) === '') given.pop();
    this.nodes.push({ type, inputs: given, outputs, attributes });
    return outputs;
  }

  /** Adds a float32 constant. */
  floats(name: string, shape: readonly number[], values: ArrayLike<number>): string {
    return this.constant(name, { shape, values: values instanceof Float32Array ? values : Float32Array.from(values) });
  }

  /** A float32 scalar; equal ones are shared. */
  scalar(value: number): string {
    return this.once(`scalar ${Object.is(value, -0) ? '-0' : value}`, () =>
      this.constant(`scalar_${value}`, { shape: [], values: Float32Array.of(value) }),
    );
  }

  /** A list of int64; equal ones are shared. */
  integers(...values: readonly number[]): string {
    return this.once(`integers ${values.join(',')}`, () =>
      this.constant(`integers_${values.join('_').slice(0, LONGEST_NAME)}`, {
        shape: [values.length],
        values: BigInt64Array.from(values, BigInt),
      }),
    );
  }

  /** An int64 scalar; equal ones are shared. */
  integer(value: number): string {
    return this.once(`integer ${value}`, () =>
      this.constant(`integer_${value}`, { shape: [], values: BigInt64Array.of(BigInt(value)) }),
    );
  }

  /** Adds a constant; returns its name, which is the given one unless that is taken. */
  constant(name: string, constant: OnnxConstant): string {
    const unique = this.unique(name);
    this.constants.set(unique, constant);
    return unique;
  }

  /** Reserves a name; returns it, with a number if it is taken. */
  unique(name: string): string {
    let unique = name;
    for (let number = 1; this.names.has(unique); number++) unique = `${name}_${number}`;
    this.names.add(unique);
    return unique;
  }

  /** Makes a value once for a key. */
  once(key: string, make: () => string): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.shared.set(key, made);
    return made;
  }

  /** Names the nodes that follow after a layer. */
  beginLayer(path: string): void {
    this.prefix = `${path}/`;
    this.firstOfLayer = this.nodes.length;
  }

  /** Gives the layer's result, if one of its nodes made it, the name of the layer; returns its name. */
  endLayer(result: string, path: string): string {
    this.prefix = '';
    const own = this.nodes.slice(this.firstOfLayer);
    if (!own.some(({ outputs }) => outputs.includes(result))) return result;
    const name = this.unique(path);
    this.rename(result, name, own);
    return name;
  }

  /** Renames a value in these nodes. */
  rename(from: string, to: string, nodes: readonly OnnxNode[] = this.nodes): void {
    for (const { inputs, outputs } of nodes) {
      for (const names of [inputs, outputs]) {
        names.forEach((name, index) => {
          if (name === from) names[index] = to;
        });
      }
    }
    for (const [key, name] of this.shared) if (name === from) this.shared.set(key, to);
  }
}

const LONGEST_NAME = 60;
