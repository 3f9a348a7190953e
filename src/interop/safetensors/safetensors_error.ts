/** The error of a file whose tensors are not those of a model. */
import { CorruptFileError } from '../../errors.js';
import { matchRule, type WeightMismatch } from '../weight_mismatch.js';

/** A file whose tensors do not match the model. The message lists the first differences, `mismatch` all of them. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
  readonly mismatch: WeightMismatch;

  constructor(action: string, mismatch: WeightMismatch, file: string) {
    super(new CorruptFileError(action, matchRule(mismatch), file).message);
    this.mismatch = mismatch;
  }
}
