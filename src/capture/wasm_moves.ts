/** Kernels of the host that only move values along one axis, as copies of rows. */
import * as tf from '@tensorflow/tfjs';
import type { KernelStep, Value, ValueId } from './recording.js';

/** A copy of rows from a value to another; offsets and pitches are in bytes. */
export interface Move {
  readonly from: ValueId;
  readonly fromOffset: number;
  readonly fromPitch: number;
  readonly to: ValueId;
  readonly toOffset: number;
  readonly toPitch: number;
  readonly bytes: number;
  readonly rows: number;
}

/** Attributes of the kernels below. */
interface Attributes {
  readonly axis: number;
  readonly begin: number | number[];
  readonly size: number | number[];
}

const BYTES = 4;

/** Returns the copies that a kernel comes to; undefined if it does anything else. */
export function movesOf(step: KernelStep, values: readonly Value[]): readonly Move[] | undefined {
  const inputs = Object.values(step.inputs);
  const ids = [...inputs, ...step.outputs];
  if (ids.some((id) => !['float32', 'int32'].includes(values[id]!.dtype))) return undefined;
  const attributes = step.attributes as unknown as Attributes;
  const [input] = inputs;
  const [output] = step.outputs;
  switch (step.name) {
    case 'Slice':
      return sliceMoves(values, input!, output!, attributes);
    case 'SplitV':
      return along(attributes.axis, values, input!, step.outputs, (whole, part) => ({ from: whole, to: part }));
    case 'Concat':
      return along(attributes.axis, values, output!, inputs, (whole, part) => ({ from: part, to: whole }));
    default:
      return undefined;
  }
}

/** Copies between a whole and the parts that lie in it one after another along an axis. */
function along(
  axis: number,
  values: readonly Value[],
  whole: ValueId,
  parts: readonly ValueId[],
  direction: (whole: ValueId, part: ValueId) => Pick<Move, 'from' | 'to'>,
): readonly Move[] {
  const shape = values[whole]!.shape;
  const [at] = tf.util.parseAxisParam(axis, [...shape]) as [number];
  const pitch = bytesFrom(shape, at);
  let offset = 0;
  return parts.map((part) => {
    const bytes = bytesFrom(values[part]!.shape, at);
    const { from, to } = direction(whole, part);
    const [start, distance] = [offset, pitch];
    offset += bytes;
    const inWhole = { offset: start, pitch: distance };
    const inPart = { offset: 0, pitch: bytes };
    const [source, target] = from === whole ? [inWhole, inPart] : [inPart, inWhole];
    return {
      from,
      fromOffset: source.offset,
      fromPitch: source.pitch,
      to,
      toOffset: target.offset,
      toPitch: target.pitch,
      bytes,
      rows: rowsBefore(shape, at),
    };
  });
}

/** A slice that cuts one axis at most. */
function sliceMoves(
  values: readonly Value[],
  from: ValueId,
  to: ValueId,
  { begin, size }: Attributes,
): readonly Move[] | undefined {
  const { shape } = values[from]!;
  const [starts, sizes] = tf.slice_util.parseSliceParams(values[from] as unknown as tf.TensorInfo, begin, size);
  const cut = shape.flatMap((length, axis) => (sizes![axis] === length ? [] : [axis]));
  if (cut.length > 1) return undefined;
  const at = cut[0] ?? 0;
  const bytes = bytesFrom(sizes!, at);
  return [
    {
      from,
      fromOffset: (starts![at] ?? 0) * bytesFrom(shape, at + 1),
      fromPitch: bytesFrom(shape, at),
      to,
      toOffset: 0,
      toPitch: bytes,
      bytes,
      rows: rowsBefore(shape, at),
    },
  ];
}

function bytesFrom(shape: readonly number[], axis: number): number {
  return BYTES * tf.util.sizeFromShape(shape.slice(axis));
}

function rowsBefore(shape: readonly number[], axis: number): number {
  return tf.util.sizeFromShape(shape.slice(0, axis));
}
