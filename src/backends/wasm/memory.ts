/** A heap's memory, which may belong to several threads. */

/** Whether other threads can hold the same memory. By name, since the buffer may come from another realm. */
export function isShared({ buffer }: WebAssembly.Memory): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}
