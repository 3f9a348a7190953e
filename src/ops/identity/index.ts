import { BACKENDS } from '../../kernel/backend_names.js';
import type { OpDescriptor } from '../descriptor.js';
import { gradients } from './gradient.js';
import { IDENTITY } from './kernels.js';
import { identityOn } from './share.js';

export const identityOp: OpDescriptor = {
  name: 'identity',
  kernelNames: Object.values(IDENTITY),
  kernels: BACKENDS.map(identityOn),
  gradients,
};
