/** The error of a model that has no form in ONNX. */
import { oneLine } from '../../errors.js';

/** A layer that cannot be exported. */
export interface UnexportedLayer {
  /** Name of the layer, after those of the models around it: `features/conv1`. */
  readonly name: string;
  readonly className: string;
  readonly reason: string;
}

/** A model with layers that cannot be exported; `layers` lists all of them. */
export class OnnxExportError extends Error {
  override readonly name = 'OnnxExportError';

  constructor(
    action: string,
    readonly layers: readonly UnexportedLayer[],
  ) {
    const list = layers.map(({ name, className, reason }) => `${name} (${className}): ${reason}`).join('; ');
    super(oneLine(`Cannot ${action}: every layer must have a form in ONNX, received layers = ${list}`));
  }
}
