/** Operators on constants, computed before the model is built: weights that are rearranged, and arithmetic of sizes. */
import { elementsOf, floats, integers, like, type Constant } from './constant.js';
import { NotImportable } from './import_error.js';
import type { NodeUse, Operator, Operators } from './node_use.js';
import { known, type Size, type Sizes } from './sizes.js';

/** Index of each element of `shape` in an operand that broadcasts to it. */
function broadcastIndices(operand: readonly number[], shape: readonly number[]): number[] {
  const strides = shape.map((_, axis) => {
    const own = axis - (shape.length - operand.length);
    return own < 0 || operand[own] === 1 ? 0 : elementsOf(operand.slice(own + 1));
  });
  return indicesOf(shape, strides, 0);
}

/** Indices start + Σ position · stride of all positions, the last axis fastest. */
function indicesOf(shape: readonly number[], strides: readonly number[], start: number): number[] {
  return shape.reduce<number[]>(
    (starts, size, axis) =>
      starts.flatMap((from) => Array.from({ length: size }, (_, position) => from + position * strides[axis]!)),
    [start],
  );
}

function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) throw new NotImportable('its constants must have shapes that fit together');
    return x === 1 ? y : x;
  });
}

const binary = (real: (a: number, b: number) => number, whole: (sizes: Sizes, a: Size, b: Size) => Size): Operator => ({
  build: (use) => {
    const [a, b] = [use.constant(0), use.constant(1)];
    const shape = broadcastShape(a.shape, b.shape);
    use.planner.spend(shape);
    const [first, second] = [
      like(a, shape, broadcastIndices(a.shape, shape)),
      like(b, shape, broadcastIndices(b.shape, shape)),
    ];
    if (first.kind === 'integers' && second.kind === 'integers') {
      return integers(
        shape,
        first.values.map((value, index) => whole(use.planner.sizes, value, second.values[index]!)),
      );
    }
    const y = numbersOf(second);
    return floats(
      shape,
      numbersOf(first).map((value, index) => real(value, y[index]!)),
    );
  },
});

const unary = (compute: (value: number) => number): Operator => ({
  build: (use) => {
    const x = use.constant(0);
    return x.kind === 'floats'
      ? floats(x.shape, x.values.map(compute))
      : integers(x.shape, x.values.map(known).map(compute));
  },
});

/** Integers are round already. */
const rounding = (round: (value: number) => number): Operator => ({
  build: (use) => (use.constant(0).kind === 'integers' ? use.constant(0) : unary(round).build(use)),
});

function numbersOf(constant: Constant): number[] {
  return constant.kind === 'floats' ? Array.from(constant.values) : constant.values.map(known);
}

/** Codes of real types. */
const REAL_TYPES = [1, 10, 11, 16];

const cast: Operator = {
  attributes: ['to', 'saturate'],
  build: (use) => {
    const x = use.constant(0);
    const isReal = REAL_TYPES.includes(use.number('to', 0));
    if (isReal === (x.kind === 'floats')) return x;
    // A size stays what it is: exporters divide it as a real number and cast the quotient back.
    if (x.kind === 'integers') {
      return x.values.every((value) => typeof value === 'number') ? floats(x.shape, numbersOf(x)) : x;
    }
    return integers(x.shape, Array.from(x.values, Math.trunc));
  },
};

const reshape: Operator = {
  attributes: ['allowzero', 'shape'],
  build: (use) => {
    const x = use.constant(0);
    const target = use.numbers(1, 'shape') ?? [];
    const copied = target.map((size, axis) =>
      size === 0 && use.number('allowzero', 0) === 0 ? (x.shape[axis] ?? 0) : size,
    );
    const rest = elementsOf(copied.filter((size) => size >= 0));
    const shape = copied.map((size) => (size < 0 ? elementsOf(x.shape) / rest : size));
    if (elementsOf(shape) !== elementsOf(x.shape)) {
      throw new NotImportable('its shape must have as many elements as its constant');
    }
    return like(x, shape);
  },
};

const transpose: Operator = {
  attributes: ['perm'],
  build: (use) => {
    const x = use.constant(0);
    const perm = (use.list('perm') ?? [...x.shape.keys()].reverse()).map((axis) => use.axis(axis, x.shape.length));
    const shape = perm.map((axis) => x.shape[axis]!);
    const strides = perm.map((axis) => elementsOf(x.shape.slice(axis + 1)));
    return like(x, shape, indicesOf(shape, strides, 0));
  },
};

const squeeze: Operator = {
  attributes: ['axes'],
  build: (use) => {
    const x = use.constant(0);
    const axes = use.numbers(1, 'axes')?.map((axis) => use.axis(axis, x.shape.length));
    return like(
      x,
      x.shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis))),
    );
  },
};

const unsqueeze: Operator = {
  attributes: ['axes'],
  build: (use) => {
    const x = use.constant(0);
    const given = use.numbers(1, 'axes') ?? [];
    const rank = x.shape.length + given.length;
    const axes = given.map((axis) => use.axis(axis, rank));
    const sizes = [...x.shape];
    return like(
      x,
      Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : sizes.shift()!)),
    );
  },
};

const concat: Operator = {
  attributes: ['axis'],
  build: (use) => {
    const parts = use.inputs.map((_, index) => use.constant(index));
    const { length } = parts[0]!.shape;
    const axis = use.axis(use.number('axis', 0), length);
    const outer = parts[0]!.shape.slice(0, axis);
    const shape = [...parts[0]!.shape];
    shape[axis] = parts.reduce((sum, part) => sum + (part.shape[axis] ?? NaN), 0);
    use.planner.spend(shape);
    const rows = Array.from({ length: elementsOf(outer) }, (_, row) => row);
    const slices = <T>(values: (part: Constant) => readonly T[]): T[] =>
      rows.flatMap((row) =>
        parts.flatMap((part) => {
          const size = elementsOf(part.shape.slice(axis));
          return values(part).slice(row * size, (row + 1) * size);
        }),
      );
    if (parts.some(({ kind }) => kind === 'floats')) return floats(shape, slices(numbersOf));
    return integers(
      shape,
      slices((part) => part.values as readonly Size[]),
    );
  },
};

const slice: Operator = {
  attributes: ['starts', 'ends', 'axes'],
  build: (use) => {
    const x = use.constant(0);
    const starts = use.numbers(1, 'starts') ?? [];
    const ends = use.numbers(2, 'ends') ?? [];
    const axes = (use.numbers(3, 'axes') ?? starts.map((_, index) => index)).map((axis) =>
      use.axis(axis, x.shape.length),
    );
    const steps = use.numbers(4) ?? starts.map(() => 1);
    const shape = [...x.shape];
    const strides = x.shape.map((_, axis) => elementsOf(x.shape.slice(axis + 1)));
    let offset = 0;
    axes.forEach((axis, index) => {
      const size = x.shape[axis]!;
      const step = steps[index]!;
      const at = (position: number): number => (position < 0 ? position + size : position);
      const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
      const start = Math.min(Math.max(at(starts[index]!), step > 0 ? 0 : -1), high);
      const end = Math.min(Math.max(at(ends[index]!), low), size);
      shape[axis] = Math.max(0, Math.ceil((end - start) / step));
      offset += start * strides[axis]!;
      strides[axis] = strides[axis]! * step;
    });
    return like(x, shape, indicesOf(shape, strides, offset));
  },
};

const gather: Operator = {
  attributes: ['axis'],
  build: (use) => {
    const [x, chosen] = [use.constant(0), use.constant(1)];
    const axis = use.axis(use.number('axis', 0), x.shape.length);
    const size = x.shape[axis]!;
    const inner = elementsOf(x.shape.slice(axis + 1));
    const outer = elementsOf(x.shape.slice(0, axis));
    const positions = numbersOf(chosen).map((position) => use.axis(position, size));
    const shape = [...x.shape.slice(0, axis), ...chosen.shape, ...x.shape.slice(axis + 1)];
    use.planner.spend(shape);
    const indices = Array.from({ length: outer }, (_, row) =>
      positions.flatMap((position) => Array.from({ length: inner }, (_, at) => (row * size + position) * inner + at)),
    ).flat();
    return like(x, shape, indices);
  },
};

const constantOfShape: Operator = {
  attributes: ['value'],
  build: (use) => {
    const shape = (use.numbers(0) ?? []).map((size) => Math.max(0, size));
    use.planner.spend(shape);
    const value = use.node.attributes.get('value');
    const one = typeof value === 'object' && 'kind' in value ? value : floats([1], [0]);
    return like(
      one,
      shape,
      Array.from({ length: elementsOf(shape) }, () => 0),
    );
  },
};

const range: Operator = {
  build: (use) => {
    const [start, limit, delta] = [0, 1, 2].map((index) => numbersOf(use.constant(index))[0] ?? NaN) as [
      number,
      number,
      number,
    ];
    const length = Math.max(0, Math.ceil((limit - start) / delta));
    use.planner.spend([length]);
    const values = Array.from({ length }, (_, index) => start + index * delta);
    return use.constant(0).kind === 'floats' ? floats([length], values) : integers([length], values);
  },
};

const expand: Operator = {
  build: (use) => {
    const x = use.constant(0);
    const shape = broadcastShape(x.shape, use.numbers(1) ?? []);
    use.planner.spend(shape);
    return like(x, shape, broadcastIndices(x.shape, shape));
  },
};

const where: Operator = {
  build: (use) => {
    const [condition, a, b] = [use.constant(0), use.constant(1), use.constant(2)];
    const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
    use.planner.spend(shape);
    const chosen = numbersOf(like(condition, shape, broadcastIndices(condition.shape, shape)));
    const pick = <T>(values: (constant: Constant) => readonly T[]): T[] => {
      const [first, second] = [a, b].map((each) => values(like(each, shape, broadcastIndices(each.shape, shape))));
      return chosen.map((yes, index) => (yes === 0 ? second! : first!)[index]!);
    };
    if (a.kind === 'floats') return floats(shape, pick(numbersOf));
    return integers(
      shape,
      pick((constant) => constant.values as readonly Size[]),
    );
  },
};

const shape: Operator = {
  attributes: ['start', 'end'],
  build: (use) => {
    const { shape: sizes } = use.constant(0);
    const part = sizes.slice(use.number('start', 0), use.number('end', sizes.length));
    return integers([part.length], part);
  },
};

const reduceProduct: Operator = {
  attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
  build: (use: NodeUse) => {
    const x = use.constant(0);
    const isAll = x.shape.length <= 1;
    if (!isAll || x.kind === 'floats') throw new NotImportable('its input must be a list of sizes');
    return integers(use.number('keepdims', 1) === 1 ? x.shape.map(() => 1) : [], [use.planner.sizes.product(x.values)]);
  },
};

const unknownWhole = (): never => {
  throw new NotImportable('its sizes must be known: they depend on those of the input');
};

/** A comparison of numbers that are known. */
const comparison = (compare: (a: number, b: number) => boolean): Operator => ({
  build: (use) => {
    const compared = binary(
      (a, b) => Number(compare(a, b)),
      (_, a, b) => Number(compare(known(a), known(b))),
    ).build(use) as Constant;
    return integers(compared.shape, numbersOf(compared));
  },
});

export const FOLDED: Operators = {
  Add: binary(
    (a, b) => a + b,
    (sizes, a, b) => sizes.plus(a, b),
  ),
  Cast: cast,
  Ceil: rounding(Math.ceil),
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Div: binary(
    (a, b) => a / b,
    (sizes, a, b) => sizes.divide(a, b),
  ),
  Equal: comparison((a, b) => a === b),
  Exp: unary(Math.exp),
  Expand: expand,
  Floor: rounding(Math.floor),
  Gather: gather,
  Identity: { build: (use) => use.constant(0) },
  Max: binary(Math.max, (_, a, b) =>
    typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : unknownWhole(),
  ),
  Min: binary(Math.min, (_, a, b) =>
    typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : unknownWhole(),
  ),
  Mul: binary(
    (a, b) => a * b,
    (sizes, a, b) => sizes.times(a, b),
  ),
  Neg: unary((value) => -value),
  Pow: binary(Math.pow, (_, a, b) => known(a) ** known(b)),
  Range: range,
  Reciprocal: unary((value) => 1 / value),
  ReduceProd: reduceProduct,
  Reshape: reshape,
  Shape: shape,
  Slice: slice,
  Sqrt: unary(Math.sqrt),
  Squeeze: squeeze,
  Sub: binary(
    (a, b) => a - b,
    (sizes, a, b) => sizes.minus(a, b),
  ),
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where,
};
