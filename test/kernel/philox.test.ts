/** Philox against its authors' known answers. */
import { philox } from '../../src/kernel/philox.js';

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox()', () => {
  // kat_vectors of Random123, philox4x32 with 10 rounds.
  test.each([
    { counter: [0, 0, 0, 0], key: [0, 0], want: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      want: '408f276d 41c83b0e a20bc7c6 6d5451fd',
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      want: 'd16cfe09 94fdcceb 5001e420 24126ea1',
    },
  ] as const)('gives the published answer $want', ({ counter, key, want }) => {
    expect(hex(philox(counter, key))).toBe(want);
  });
});
