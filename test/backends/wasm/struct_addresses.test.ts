/** Structures above 2 GiB, whose addresses WebAssembly hands to JavaScript as negative numbers. */
import { readStruct, writeStruct } from '../../../src/backends/wasm/struct.js';

const PAGE = 2 ** 16;

test.each([16, 2 ** 31, 2 ** 31 + 4096])(
  'a structure at %d is written and read, whatever the sign of its address',
  (address) => {
    // Pages that nobody touches take no memory.
    const memory = new WebAssembly.Memory({ initial: 2 ** 31 / PAGE + 1 });
    const fields = ['first', 'second'] as const;
    writeStruct(memory, fields, address | 0, { first: 7, second: -3 });
    expect([...new Int32Array(memory.buffer, address, 2)]).toEqual([7, -3]);
    expect(readStruct(memory, fields, address | 0)).toEqual({ first: 7, second: -3 });
    expect(readStruct(memory, fields, address)).toEqual({ first: 7, second: -3 });
  },
);
