/** Operators that look at the same numbers in another shape or order: no layer computes them. */
import { integers } from './constant.js';
import { NotImportable } from './import_error.js';
import type { NodeUse, Operators } from './node_use.js';
import { sameSize, type Size } from './sizes.js';
import { axisOf, splitAtom, type Atom, type Axis, type Value } from './value.js';

/** Groups and splits the atoms of a value so that its axes have the given sizes; undefined if they do not come out. */
function regroup({ planner }: NodeUse, given: Value, target: readonly Size[]): Value | undefined {
  const { sizes } = planner;
  let value = given;
  const left: Atom[] = value.axes.flat();
  const axes: Axis[] = [];
  for (const size of target) {
    const axis: Atom[] = [];
    let rest = size;
    while (rest !== 1) {
      const atom = left.shift();
      if (atom === undefined) return undefined;
      const quotient = sizes.over(rest, atom.size);
      if (quotient !== undefined) {
        axis.push(atom);
        rest = quotient;
        continue;
      }
      const inner = sizes.over(atom.size, rest);
      if (inner === undefined) return undefined;
      const factors = [{ size: rest }, { size: inner }];
      value = splitAtom(value, atom, factors);
      axis.push(factors[0]!);
      left.unshift(factors[1]!);
      rest = 1;
    }
    axes.push(axis);
  }
  return left.length === 0 ? { ...value, axes } : undefined;
}

/** Reshapes a value; where its axes do not divide, through one axis that has all but the batch. */
function reshapeTo(use: NodeUse, value: Value, target: readonly Size[]): Value {
  const direct = regroup(use, value, target);
  if (direct !== undefined) return direct;
  const { planner } = use;
  const [batch, ...others] = value.axes;
  const merged = { ...value, axes: [batch!, others.flat()] };
  const stored = planner.arrange(merged, [0, 1], use.node.name);
  const flat: Axis = axisOf(planner.sizeOf(merged.axes[1]!));
  const again = regroup(use, { ...stored, stored: [batch!, flat], axes: [batch!, flat] }, target);
  if (again === undefined) throw new NotImportable('it must keep the batch and the number of elements');
  return again;
}

/** Sizes that a Reshape names: 0 copies, −1 is what is left, and a fixed batch may vary. */
function targetSizes(use: NodeUse, value: Value, given: readonly Size[]): Size[] {
  const { sizes, batch } = use.planner;
  const own = value.axes.map((axis) => use.planner.sizeOf(axis));
  const copies = use.number('allowzero', 0) === 0;
  const target = given.map((size, axis): Size => {
    if (size === 0 && copies) return own[axis] ?? 0;
    return size;
  });
  // With a batch of one size in the file, exporters write that number.
  const isFixed = typeof target[0] === 'number' && target[0] > 0 && use.planner.fixedBatch === target[0];
  if (isFixed) target[0] = batch.size;
  const open = target.findIndex((size) => size === -1);
  if (open < 0) return target;
  const rest = sizes.product(target.filter((_, axis) => axis !== open));
  const missing = sizes.over(sizes.product(own), rest);
  if (missing === undefined) throw new NotImportable('it must keep the number of elements');
  target[open] = missing;
  return target;
}

const withAxes = (value: Value, axes: readonly Axis[]): Value => ({ ...value, axes });

/** Operators that give their first input as it is. */
const same = (attributes: readonly string[] = []): Operators[string] => ({ attributes, build: (use) => use.tensor() });

/** Codes of the real types. */
const REAL_TYPES = [1, 10, 11, 16];

export const VIEW_OPERATORS: Operators = {
  Cast: {
    attributes: ['to', 'saturate'],
    build: (use) => {
      if (!REAL_TYPES.includes(use.number('to', 0))) throw new NotImportable('it must keep real numbers');
      return use.tensor();
    },
  },
  Flatten: {
    attributes: ['axis'],
    build: (use) => {
      const value = use.tensor();
      const given = use.number('axis', 1);
      const axis = given < 0 ? given + value.axes.length : given;
      return withAxes(value, [value.axes.slice(0, axis).flat(), value.axes.slice(axis).flat()]);
    },
  },
  Identity: same(),
  Reshape: {
    attributes: ['allowzero', 'shape'],
    build: (use) => {
      const value = use.tensor();
      const given = use.has(1) ? use.sizes(1) : (use.list('shape') ?? []);
      return reshapeTo(use, value, targetSizes(use, value, given));
    },
  },
  Shape: {
    attributes: ['start', 'end'],
    build: (use) => {
      const { axes } = use.tensor();
      const part = axes.slice(use.number('start', 0), use.number('end', axes.length));
      return integers(
        [part.length],
        part.map((axis) => use.planner.sizeOf(axis)),
      );
    },
  },
  Squeeze: {
    attributes: ['axes'],
    build: (use) => {
      const value = use.tensor();
      const axes = use.numbers(1, 'axes')?.map((axis) => use.axis(axis, value.axes.length));
      const kept = value.axes.filter((axis, index) => {
        if (axes === undefined || axes.includes(index)) {
          if (axes === undefined || axis.length === 0) return axis.length > 0;
          throw new NotImportable('the axes that it removes must have size 1');
        }
        return true;
      });
      return withAxes(value, kept);
    },
  },
  Transpose: {
    attributes: ['perm'],
    build: (use) => {
      const value = use.tensor();
      const perm = use.list('perm') ?? [...value.axes.keys()].reverse();
      return withAxes(
        value,
        perm.map((axis) => value.axes[use.axis(axis, value.axes.length)]!),
      );
    },
  },
  Unsqueeze: {
    attributes: ['axes'],
    build: (use) => {
      const value = use.tensor();
      const given = use.numbers(1, 'axes') ?? [];
      const rank = value.axes.length + given.length;
      const added = given.map((axis) => use.axis(axis, rank));
      const old = [...value.axes];
      return withAxes(
        value,
        Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? [] : (old.shift() ?? []))),
      );
    },
  },
};

/** True if both values have equal sizes along an axis of the file. */
export function fits({ planner }: NodeUse, a: Value, b: Value, axis: number): boolean {
  return sameSize(planner.sizeOf(a.axes[axis] ?? []), planner.sizeOf(b.axes[axis] ?? []));
}
