/** The optional packages that read and write ONNX files. */
import type { Action } from '../../errors.js';
import { loadOptional } from '../../support/optional_package.js';

/** Schema of ONNX, and encoder and decoder of protocol buffers. */
export type Format = Awaited<ReturnType<typeof loadFormat>>;

/**
 * Loads the schema of ONNX, and the encoder and the decoder of protocol buffers.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @throws MissingPackageError if they are not installed
 */
export function loadFormat(action: Action) {
  // One after the other, since jest's loader of ES modules fails on modules that two imports request at once.
  return loadOptional(action, 'onnx-buf @bufbuild/protobuf', async () => {
    const { create, fromBinary, toBinary } = await import('@bufbuild/protobuf');
    const { ModelProtoSchema } = await import('onnx-buf');
    return { create, fromBinary, toBinary, ModelProtoSchema };
  });
}
