/** Copies `rows` rows of `bytes` bytes, a multiple of 4. Rows start `fromPitch` and `toPitch` bytes after each other. */
export function copyRows(from: usize, fromPitch: i32, to: usize, toPitch: i32, bytes: i32, rows: i32): void {
  const size = <usize>bytes;
  const wide = size & ~15;
  for (let row = 0; row < rows; row++, from += fromPitch, to += toPitch) {
    let i: usize = 0;
    for (; i < wide; i += 16) v128.store(to + i, v128.load(from + i));
    for (; i < size; i += 4) store<u32>(to + i, load<u32>(from + i));
  }
}
