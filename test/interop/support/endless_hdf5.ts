/** An HDF5 file that the HDF5 library never finishes reading. */
import { fixture } from './fixtures.js';

/** Bytes of a global heap before its first object: signature, version, size. */
const HEAP_HEADER = 16;
/** Bytes of an object's header: index, reference count, size. */
const OBJECT_HEADER = 16;

/**
 * A Keras 2 file whose global heap, which holds the strings of attributes, begins with free space (index 0) of 0 bytes. The
 * library goes on by the size of each object, so it stays at this one forever.
 */
export function endlessHdf5(): Uint8Array {
  const bytes = Buffer.from(fixture('keras_2.h5.gz'));
  const heap = bytes.indexOf('GCOL');
  if (heap < 0) throw new Error('the file has no global heap');
  return bytes.fill(0, heap + HEAP_HEADER, heap + HEAP_HEADER + OBJECT_HEADER);
}
