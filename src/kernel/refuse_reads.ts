/** Methods of a backend that refuse to read values from the device while its calls are recorded. */
import { NotRepeatable } from './device_recorder.js';

type Read = (dataId: object) => unknown;

/** Methods that read. */
type Reads = Readonly<Record<'readSync' | 'read' | 'readToGPU', Read>>;

/** Returns the methods; they read values on the CPU as before. */
export function refuseReads(backend: Reads, isOnDevice: (dataId: object) => boolean): Reads {
  const checked =
    (read: Read): Read =>
    (dataId) => {
      if (isOnDevice(dataId)) throw new NotRepeatable('a kernel reads values back');
      return read.call(backend, dataId);
    };
  return {
    readSync: checked(backend.readSync),
    read: checked(backend.read),
    readToGPU: checked(backend.readToGPU),
  };
}
