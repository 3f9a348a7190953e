/** Memory of a heap, which several threads may share. */

/** Tests whether the memory can be shared with other threads. By name, since the buffer may come from another realm. */
export function isShared({ buffer }: WebAssembly.Memory): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}
