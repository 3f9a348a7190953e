/** The safetensors format: round trips, aligned tensors, and headers that must not be trusted. */
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
  type StoredTensors,
} from '../../src/support/safetensors.js';

const fail = (rule: string): never => {
  throw new Error(rule);
};

function tensor(name: string, dtype: StoredTensor['dtype'], shape: readonly number[], bytes: number): StoredTensor {
  return { name, dtype, shape, bytes: Uint8Array.from({ length: bytes }, (_, index) => (index * 37 + bytes) % 256) };
}

/** A file with any text as its header. */
function fileOf(header: string | Buffer, data = 0): Buffer {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(data)]);
}

describe('encodeSafetensors() and decodeSafetensors()', () => {
  const contents: StoredTensors = {
    metadata: { zeta: 'é "quoted"', '2': 'two', '1': 'one', ['__proto__']: 'a name like any other' },
    tensors: [
      tensor('flags', 'BOOL', [3], 3),
      tensor('1', 'F32', [2, 1, 3], 24),
      tensor('half', 'BF16', [5], 10),
      tensor('__proto__', 'F32', [], 4),
      tensor('empty', 'F32', [4, 0], 0),
      tensor('wide', 'I64', [1], 8),
    ],
  };

  test('give tensors and metadata back, every tensor aligned, whatever their names and order', () => {
    const bytes = encodeSafetensors(contents);
    const { metadata, tensors } = decodeSafetensors(bytes, fail);
    expect(new Map(Object.entries(metadata))).toEqual(new Map(Object.entries(contents.metadata)));
    expect(new Map(tensors.map((each) => [each.name, each]))).toEqual(
      new Map(contents.tensors.map((each) => [each.name, each])),
    );
    const widths = { I64: 8, F32: 4, BF16: 2, BOOL: 1 } as Readonly<Record<string, number>>;
    for (const { dtype, bytes: values } of tensors) expect(values.byteOffset % widths[dtype]!).toBe(0);
    expect(Number(Buffer.from(bytes).readBigUInt64LE()) % 8).toBe(0);
  });

  test('write the same bytes for the same contents, metadata first and in the given order', () => {
    const bytes = Buffer.from(encodeSafetensors(contents));
    expect(bytes.equals(encodeSafetensors(structuredClone(contents)))).toBe(true);
    const plain = encodeSafetensors({ metadata: { b: '1', a: '2' }, tensors: [tensor('x', 'U8', [2], 2)] });
    const header = '{"__metadata__":{"b":"1","a":"2"},"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}';
    expect(Buffer.from(plain).toString('latin1', 8, 8 + header.length)).toBe(header);
  });

  test('read a file without metadata, at any position in its memory', () => {
    const file = fileOf('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ', 4);
    const shifted = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
    const { metadata, tensors } = decodeSafetensors(shifted, fail);
    expect([metadata, tensors.map(({ shape, bytes }) => [shape, bytes.length])]).toEqual([{}, [[[1], 4]]]);
  });
});

describe('decodeSafetensors()', () => {
  const entry = (changes: object): string =>
    JSON.stringify({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } });
  const two = (first: readonly number[], second: readonly number[]): string =>
    JSON.stringify({
      x: { dtype: 'U8', shape: [first[1]! - first[0]!], data_offsets: first },
      y: { dtype: 'U8', shape: [second[1]! - second[0]!], data_offsets: second },
    });

  test('refuses a header of more than 100 MB, which it does not read', () => {
    const bytes = new Uint8Array(100_000_100);
    new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true);
    expect(() => decodeSafetensors(bytes, fail)).toThrow('its header must have at most 100000000 bytes');
  });

  test('takes a name that one tensor has and another one contains', () => {
    const texts = { '"x"': '{"a":1}', 'a\\': '{"', b: ': [' };
    expect(decodeSafetensors(fileOf(JSON.stringify({ __metadata__: texts })), fail).metadata).toEqual(texts);
  });

  test.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'its header must end within the file'],
    ['seven bytes', Buffer.alloc(7), 'its header must end within the file'],
    ['a length beyond the file', Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]), 'must end within the file'],
    ['a length of 2⁶⁴ − 1', Buffer.alloc(100, 255), 'its header must end within the file'],
    ['a header of no bytes', fileOf(''), 'its header must be JSON'],
    ['a tensor named twice', fileOf(`${entry({}).slice(0, -1)},"\\u0078":0}`, 8), "its header must not name 'x' twice"],
    ['a field named twice', fileOf('{"x":{"dtype":"F32","dtype":"I32"}}'), "its header must not name 'dtype' twice"],
    ['a header that is a list', fileOf('[]'), 'its header must be JSON'],
    ['a header that is null', fileOf('null'), 'its header must be JSON'],
    ['text that is not UTF-8', fileOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x30, 0x7d])), 'must be JSON'],
    ['metadata that are numbers', fileOf('{"__metadata__":{"a":1}}'), 'its metadata must be texts by name'],
    ['metadata that are a list', fileOf('{"__metadata__":[]}'), 'its metadata must be texts by name'],
    ['a tensor that is a number', fileOf('{"x":1}'), "tensor 'x' must have dtype, shape, data_offsets"],
    ['a field too many', fileOf(entry({ more: 1 }), 8), "tensor 'x' must have dtype, shape, data_offsets"],
    ['a field too few', fileOf('{"x":{"dtype":"F32","shape":[2]}}', 8), "tensor 'x' must have dtype, shape"],
    ['an unknown type', fileOf(entry({ dtype: 'toString' }), 8), "the type of tensor 'x' must be one of F64, F32"],
    ['a negative length', fileOf(entry({ shape: [-1, -2] }), 8), "the shape of tensor 'x' must be a list of whole"],
    ['a fraction of a value', fileOf(entry({ shape: [0.5, 4] }), 8), "the shape of tensor 'x' must be a list of whole"],
    ['a shape beyond the file', fileOf(entry({ shape: [1e9] }), 8), "tensor 'x' must have 4000000000 bytes and has 8"],
    ['a shape whose product overflows', fileOf(entry({ shape: Array(60).fill(2 ** 31) }), 8), 'bytes and has 8'],
    ['a product of infinity and 0', fileOf(entry({ shape: [...Array<number>(60).fill(2 ** 31), 0] }), 8), 'has 8'],
    ['three offsets', fileOf(entry({ data_offsets: [0, 8, 8] }), 8), "the offsets of tensor 'x' must be two whole"],
    ['offsets that are text', fileOf(entry({ data_offsets: ['0', '8'] }), 8), "the offsets of tensor 'x' must be two"],
    ['offsets backwards', fileOf(entry({ data_offsets: [8, 0] }), 8), "tensor 'x' must lie within the file"],
    ['offsets beyond the file', fileOf(entry({}), 7), "tensor 'x' must lie within the file"],
    ['bytes left over', fileOf(entry({}), 9), 'its tensors must have 9 bytes and have 8'],
    ['a gap', fileOf(two([0, 2], [3, 4]), 4), "tensor 'y' must start where the one before it ends"],
    ['an overlap', fileOf(two([0, 2], [1, 4]), 4), "tensor 'y' must start where the one before it ends"],
    ['two tensors in one place', fileOf(two([0, 2], [0, 2]), 2), "tensor 'y' must start where the one before it ends"],
    ['a first tensor that starts late', fileOf(two([1, 2], [2, 4]), 4), "tensor 'x' must start where"],
  ])('refuses %s', (_, file, rule) => {
    expect(() => decodeSafetensors(file, fail)).toThrow(rule);
  });
});
