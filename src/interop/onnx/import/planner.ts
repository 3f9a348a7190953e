/** Plans the layers of a model: collects them, and orders the axes of the tensors between them. */
import type * as tf from '@tensorflow/tfjs';
import { NotImportable } from './import_error.js';
import type { LayerSpec, PlannedInput, PlannedLayer } from './planned.js';
import { orNull, sameSize, Sizes, type Size } from './sizes.js';
import { axisOf, CHANNELS_LAST, sameAxes, sameAxis, type Atom, type Axis, type Value } from './value.js';
import { permutationLayer, reshapeLayer, shuffleLayer } from './view_layers.js';

/** Most elements of a constant that is computed, and of all of them together. */
const MOST_ELEMENTS = 2 ** 22;
const MOST_COMPUTED = 2 ** 24;

/** Highest rank that TensorFlow.js transposes. */
const HIGHEST_RANK = 6;

/** Collects the layers. */
export class Planner {
  readonly sizes = new Sizes();
  readonly batch: Atom = { size: this.sizes.symbol('batch') };
  readonly inputs: PlannedInput[] = [];
  /** Size of the batch in the file, if that is fixed; the model takes any. */
  fixedBatch: number | undefined;
  private computed = 0;
  private readonly shared = new Map<string, PlannedLayer>();
  private readonly names = new Set<string>();
  private readonly arranged = new Map<PlannedInput | PlannedLayer, { axes: readonly Axis[]; value: Value }[]>();

  /** Counts the elements of a constant that is computed: files could ask for any number. */
  spend(shape: readonly number[]): void {
    const elements = shape.reduce((product, size) => product * size, 1);
    this.computed += elements;
    if (elements <= MOST_ELEMENTS && this.computed <= MOST_COMPUTED) return;
    throw new NotImportable(`a constant that is computed must have at most ${MOST_ELEMENTS} elements`);
  }

  /** Adds an input. */
  input(name: string, stored: readonly Axis[], axes: readonly Axis[]): Value {
    const source: PlannedInput = { kind: 'input', name: this.unique(name), shape: this.shapeOf(stored) };
    this.inputs.push(source);
    return { kind: 'tensor', source, stored, axes };
  }

  /**
   * Adds a layer.
   *
   * @param result name in the file of the value that it makes
   * @param shared name of its weights in the file, if several nodes use them: those with equal ones become one layer
   */
  layer(name: string, spec: LayerSpec, inputs: readonly Value[], result = '', shared?: string): PlannedLayer {
    const weights = { ...spec.weights };
    const known = this.shared.get(shared ?? '');
    const first = known !== undefined && sameWeights(known.weights, weights) ? known : undefined;
    const layer: PlannedLayer = {
      ...spec,
      kind: 'layer',
      name: first?.name ?? this.unique(name),
      weights,
      inputs: inputs.map(({ source }) => source),
      first,
      shared,
      result,
    };
    if (shared !== undefined && known === undefined) this.shared.set(shared, layer);
    return layer;
  }

  /** Makes a name of a layer from one in the file: no two are the same. */
  unique(given: string): string {
    const clean = given.replace(/[^\w.-]+/g, '_').replace(/^_+|_+$/g, '') || 'layer';
    let name = clean;
    for (let number = 1; this.names.has(name); number++) name = `${clean}_${number}`;
    this.names.add(name);
    return name;
  }

  sizeOf(axis: Axis): Size {
    return this.sizes.product(axis.map(({ size }) => size));
  }

  /** Shape of a tensor that is stored in these axes. */
  shapeOf(axes: readonly Axis[]): tf.Shape {
    return axes.map((axis) => orNull(this.sizeOf(axis)));
  }

  /** True if an axis is the batch. */
  isBatch(axis: Axis | undefined): boolean {
    return axis !== undefined && axis.length === 1 && axis[0] === this.batch;
  }

  /** An image batch, stored channels last. */
  image(value: Value, name: string): Value {
    if (value.axes.length !== 4) throw new NotImportable('its input must be an image batch of rank 4');
    return this.arrange(value, CHANNELS_LAST, name);
  }

  /**
   * Stores the axes of the file in the given order, each as one axis: adds layers if they are stored otherwise.
   *
   * @param order axis of the file for each stored axis, the batch first
   * @param name name of the node that needs it
   */
  arrange(value: Value, order: readonly number[], name: string): Value {
    const wanted = order.map((axis) => value.axes[axis]!);
    if (sameAxes(value.stored, wanted)) return value;
    if (!this.isBatch(wanted[0]) || !this.isBatch(value.stored[0])) {
      throw new NotImportable('the batch must stay the first axis');
    }
    const known = this.arranged.get(value.source) ?? [];
    const found = known.find(({ axes }) => sameAxes(axes, wanted));
    if (found !== undefined) return { ...found.value, axes: value.axes };
    const made = { ...this.move(value, wanted, name), axes: value.axes };
    this.arranged.set(value.source, [...known, { axes: wanted, value: made }]);
    return made;
  }

  private move(value: Value, wanted: readonly Axis[], name: string): Value {
    const from = value.stored.flat();
    const to = wanted.flat();
    const isReshape = from.every((atom, index) => atom === to[index]);
    if (isReshape) return this.reshape(value, wanted, name);
    const groups = shuffledGroups(value.stored, wanted);
    if (groups !== undefined) {
      const source = this.layer(`${name}_shuffle`, shuffleLayer(this.sizeOf([groups]) as number), [value]);
      return { ...value, source, stored: wanted };
    }
    if (from.length > HIGHEST_RANK) throw new NotImportable('its axes are too many to be transposed');
    const apart = this.reshape(
      value,
      from.map((atom) => [atom]),
      name,
    );
    const dims = to.map((atom) => from.indexOf(atom));
    const source = this.layer(`${name}_permute`, permutationLayer(dims.slice(1)), [apart]);
    const permuted = { ...value, source, stored: to.map((atom) => [atom]) };
    return this.reshape(permuted, wanted, name);
  }

  private reshape(value: Value, wanted: readonly Axis[], name: string): Value {
    if (sameAxes(value.stored, wanted)) return value;
    const shape = this.shapeOf(wanted).slice(1);
    if (shape.filter((size) => size === null).length > 1) {
      throw new NotImportable('at most one axis that it reshapes may have an unknown size');
    }
    const source = this.layer(`${name}_reshape`, reshapeLayer(shape), [value]);
    return { ...value, source, stored: wanted };
  }

  /**
   * Order in which a value stores the axes of the file, if it is one of the usual ones: an image channels last, anything
   * else as it is in the file.
   */
  orderOf({ stored, axes }: Value): readonly number[] | undefined {
    const plain = axes.map((_, axis) => axis);
    const orders = axes.length === 4 ? [CHANNELS_LAST, plain] : [plain];
    const sequence = stored.flat();
    return orders.find((order) =>
      sameAxis(
        order.flatMap((axis) => axes[axis]!),
        sequence,
      ),
    );
  }

  /** Order in which a layer takes several values: that in which most of them are stored. */
  commonOrder(values: readonly Value[]): readonly number[] {
    const { length } = values[0]!.axes;
    const plain = values[0]!.axes.map((_, axis) => axis);
    if (length !== 4) return plain;
    const isPlain = ({ stored, axes }: Value): boolean =>
      sameAxis(axes.flat(), stored.flat()) &&
      !sameAxis(
        CHANNELS_LAST.flatMap((axis) => axes[axis]!),
        stored.flat(),
      );
    return values.filter(isPlain).length > values.length / 2 ? plain : CHANNELS_LAST;
  }

  /** An axis of this size; the same atoms where the size stays that of the given axis. */
  resized(axis: Axis, size: Size): Axis {
    return sameSize(this.sizeOf(axis), size) ? axis : axisOf(size);
  }
}

function sameWeights(a: PlannedLayer['weights'], b: PlannedLayer['weights']): boolean {
  const names = Object.keys(a);
  return (
    names.join() === Object.keys(b).join() &&
    names.every((name) => {
      const [first, second] = [a[name]!, b[name]!];
      return (
        first.shape.join() === second.shape.join() &&
        first.values.every((value, index) => Object.is(value, second.values[index]))
      );
    })
  );
}

/** The first of two factors of the channels of an image, if they are exchanged and all else stays. */
function shuffledGroups(stored: readonly Axis[], wanted: readonly Axis[]): Atom | undefined {
  if (stored.length !== 4 || wanted.length !== 4) return undefined;
  const [from, to] = [stored[3]!, wanted[3]!];
  const isSwap = from.length === 2 && to.length === 2 && from[0] === to[1] && from[1] === to[0];
  return isSwap && sameAxes(stored.slice(0, 3), wanted.slice(0, 3)) ? from[0] : undefined;
}
