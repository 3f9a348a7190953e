/**
 * PyTorch's exporter writes a view of a contiguous tensor (`as_strided`) as a gather of all its elements, in order, by indices
 * that it computes from the batch size. It is a reshape.
 */
import { integers, type Constant } from './constant.js';
import type { FileNode } from './read_graph.js';

/** A reshape that replaces nodes, and its target. */
export interface StridedView {
  readonly input: string;
  readonly target: Constant;
}

type Find<T> = (name: string) => T | undefined;

/** Finds what a Gather reshapes, if it is such a view. */
export function stridedView(
  { type, inputs, attributes }: FileNode,
  producer: Find<FileNode>,
  constant: Find<Constant>,
): StridedView | undefined {
  if (type !== 'Gather' || (attributes.get('axis') ?? 0) !== 0) return undefined;
  const flat = made('Reshape', inputs[0], producer);
  const target = constant(flat?.inputs[1] ?? '');
  if (flat === undefined || target?.values.length !== 1 || target.values[0] !== -1) return undefined;
  const sizes = rowSizes(termsOf(inputs[1] ?? '', producer), producer, constant);
  return sizes && { input: flat.inputs[0]!, target: integers([sizes.length + 1], [-1, ...sizes]) };
}

/** Sizes of a row, if the sum of these terms is the index of each element of a batch of rows, in order. */
function rowSizes(
  terms: readonly string[],
  producer: Find<FileNode>,
  constant: Find<Constant>,
): readonly number[] | undefined {
  const strides = terms.map((term) => rowStride(term, producer, constant)).filter((stride) => stride !== undefined);
  const others = terms.flatMap((term) => constant(term) ?? []);
  if (strides.length !== 1 || others.length !== terms.length - 1) return undefined;
  const row = others.find(({ values }) => values.length === strides[0]);
  const isZero = ({ values }: Constant): boolean => values.length === 1 && values[0] === 0;
  const isOrdered = row?.shape[0] === 1 && [...row.values].every((value, index) => value === index);
  return isOrdered && others.every((each) => each === row || isZero(each)) ? row.shape.slice(1) : undefined;
}

/** The node that makes a value, if it has this type. */
function made(type: string, name: string | undefined, producer: Find<FileNode>): FileNode | undefined {
  const node = producer(name ?? '');
  return node?.type === type ? node : undefined;
}

/** Operands of a sum of sums. */
function termsOf(name: string, producer: Find<FileNode>): string[] {
  const terms = [name];
  for (let index = 0; index < terms.length && terms.length < MOST_TERMS;) {
    const node = producer(terms[index]!);
    if (node?.type === 'Add') terms.splice(index, 1, ...node.inputs);
    else index++;
  }
  return terms;
}

const MOST_TERMS = 16;

/** Elements of a row, if a value is the index of the first one in each row of the batch: n · elements, on axis 0. */
function rowStride(name: string, producer: Find<FileNode>, constant: Find<Constant>): number | undefined {
  const column = made('Unsqueeze', name, producer);
  const product = made('Mul', column?.inputs[0], producer);
  const range = made('Range', product?.inputs[0], producer);
  if (range === undefined || !isBatchSize(range.inputs[1], producer)) return undefined;
  const one = (input: string | undefined): unknown => constant(input ?? '')?.values[0];
  const [first, step, elements] = [one(range.inputs[0]), one(range.inputs[2]), one(product?.inputs[1])];
  return first === 0 && step === 1 && typeof elements === 'number' ? elements : undefined;
}

/** True for the size of axis 0. */
function isBatchSize(name: string | undefined, producer: Find<FileNode>): boolean {
  const shape = made('Shape', made('Squeeze', name, producer)?.inputs[0], producer);
  return shape !== undefined && (shape.attributes.get('start') ?? 0) === 0 && shape.attributes.get('end') === 1;
}
