import { Geometry } from './geometry';

/**
 * Geometry and addresses of a kernel that slides a window, as written by src/backends/wasm/operands.ts. An address is 0
 * if the kernel does not need it or there is no such operand.
 */
@unmanaged
export class Operands {
  geometry: Geometry;
  x: usize;
  /** 0 for a plain convolution. */
  offset: usize;
  mask: usize;
  filter: usize;
  /** The filter as `packFilter` packs it, or `packTranspose` for an input gradient; 0 to pack it in this call. */
  packed: usize;
  bias: usize;
  y: usize;
  dy: usize;
  dx: usize;
  doffset: usize;
  dmask: usize;
  dfilter: usize;
  /** Uninitialised memory, of the size that the kernel's own function returns. */
  scratch: usize;
}
