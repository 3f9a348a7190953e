/** Filters that are packed once for all calls of a captured function. */
import type { WasmCall } from './adapter.js';

/** Returns the address of the packed `filter` of a forward convolution; 0 if the kernel is to pack it itself. */
export function packedFilter({ exports, input, derived }: WasmCall, geometry: number): number {
  return derived('filter', {
    measure: () => exports.packedFilterBytes(geometry),
    write: (address) => {
      exports.packFilter(geometry, input('filter'), address);
    },
  });
}
