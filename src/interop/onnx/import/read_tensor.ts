/** Reads the tensors of a file, whichever field holds their elements. */
import { show } from '../../../errors.js';
import { valueOfHalf } from '../../../kernel/half.js';
import { elementsOf, floats, integers, type Constant } from './constant.js';
import { brief } from './import_error.js';

/** A tensor of a file, as far as it is read. */
export interface StoredTensor {
  readonly name: string;
  readonly dims: readonly bigint[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
  readonly floatData: readonly number[];
  readonly doubleData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly bigint[];
  readonly dataLocation: number;
  readonly externalData: readonly { readonly key: string; readonly value: string }[];
}

/** A tensor that the file cannot mean; the message is a rule. */
export class InvalidTensor extends Error {
  override readonly name = 'InvalidTensor';
}

/** Finds the bytes of a tensor in another file. */
export type ExternalBytes = (location: string) => Uint8Array | undefined;

/** Layout of the elements of one type in raw bytes, and the field that holds them otherwise. */
interface ElementType {
  readonly bytes: number;
  readonly isFloat: boolean;
  readonly read: (view: DataView, offset: number) => number;
  /** Elements in their own field. */
  readonly field: (tensor: StoredTensor) => readonly (number | bigint)[];
  /** Converts an element of that field. */
  readonly convert?: (value: number) => number;
}

/** Types by their code in ONNX. */
const TYPES: Readonly<Record<number, ElementType>> = {
  1: { bytes: 4, isFloat: true, read: (view, at) => view.getFloat32(at, true), field: ({ floatData }) => floatData },
  2: { bytes: 1, isFloat: false, read: (view, at) => view.getUint8(at), field: ({ int32Data }) => int32Data },
  3: { bytes: 1, isFloat: false, read: (view, at) => view.getInt8(at), field: ({ int32Data }) => int32Data },
  6: { bytes: 4, isFloat: false, read: (view, at) => view.getInt32(at, true), field: ({ int32Data }) => int32Data },
  7: {
    bytes: 8,
    isFloat: false,
    read: (view, at) => Number(view.getBigInt64(at, true)),
    field: ({ int64Data }) => int64Data,
  },
  9: { bytes: 1, isFloat: false, read: (view, at) => view.getUint8(at), field: ({ int32Data }) => int32Data },
  10: {
    bytes: 2,
    isFloat: true,
    read: (view, at) => valueOfHalf(view.getUint16(at, true)),
    field: ({ int32Data }) => int32Data,
    convert: valueOfHalf,
  },
  11: { bytes: 8, isFloat: true, read: (view, at) => view.getFloat64(at, true), field: ({ doubleData }) => doubleData },
};

/** True if elements of this type can be read. */
export function isReadable(dataType: number): boolean {
  return Object.hasOwn(TYPES, dataType);
}

/**
 * Reads a tensor. Its size is compared with the bytes that are there before anything is allocated.
 *
 * @throws InvalidTensor if its parts do not fit together
 */
export function readTensor(tensor: StoredTensor, external: ExternalBytes): Constant {
  const { dataType } = tensor;
  if (!isReadable(dataType)) {
    throw new InvalidTensor(`its type must be float, integer or boolean, not type ${dataType}`);
  }
  const type = TYPES[dataType]!;
  const shape = tensor.dims.map(Number);
  const elements = elementsOf(shape);
  if (shape.some((size) => size < 0) || !Number.isSafeInteger(elements)) {
    throw new InvalidTensor(`its shape must be possible, not ${show(shape)}`);
  }
  const values = elementsIn(tensor, type, elements, external);
  return type.isFloat ? floats(shape, values) : integers(shape, Array.from(values));
}

function elementsIn(
  tensor: StoredTensor,
  type: ElementType,
  elements: number,
  external: ExternalBytes,
): ArrayLike<number> {
  const isExternal = tensor.dataLocation === EXTERNAL;
  const field = type.field(tensor);
  if (!isExternal && tensor.rawData.length === 0 && field.length > 0) {
    expectSize(field.length, elements, 'numbers');
    return Float64Array.from(field, (value) => type.convert?.(Number(value)) ?? Number(value));
  }
  const raw = isExternal ? externalPart(tensor, external) : tensor.rawData;
  expectSize(raw.length, elements * type.bytes, 'bytes');
  // The bytes may begin at any offset of their buffer.
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const values = type.isFloat ? new Float32Array(elements) : new Float64Array(elements);
  for (let index = 0; index < elements; index++) values[index] = type.read(view, index * type.bytes);
  return values;
}

/** Code of tensors in another file. */
const EXTERNAL = 1;

/** Names of the files that hold tensors. */
export function externalLocation(tensor: StoredTensor): string | undefined {
  if (tensor.dataLocation !== EXTERNAL) return undefined;
  return tensor.externalData.find(({ key }) => key === 'location')?.value ?? '';
}

function externalPart(tensor: StoredTensor, external: ExternalBytes): Uint8Array {
  const location = externalLocation(tensor)!;
  const bytes = external(location);
  if (bytes === undefined) {
    throw new InvalidTensor(`its values are in '${brief(location)}', which must be in options.externalData`);
  }
  const entry = (name: string, missing: number): number => {
    const value = tensor.externalData.find(({ key }) => key === name)?.value;
    return value === undefined ? missing : Number(value);
  };
  const offset = entry('offset', 0);
  const length = entry('length', bytes.length - offset);
  const fits = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!fits || offset + length > bytes.length) {
    throw new InvalidTensor(`its values must lie in the ${bytes.length} bytes of '${brief(location)}'`);
  }
  return bytes.subarray(offset, offset + length);
}

function expectSize(found: number, expected: number, unit: string): void {
  if (found !== expected) throw new InvalidTensor(`its shape needs ${expected} ${unit}, and it has ${found}`);
}
