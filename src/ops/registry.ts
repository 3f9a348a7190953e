/** All operators that the package registers. An operator is one folder here and one line in this list. */
import { NODE } from '../backends/node/adapter.js';
import { activationOp } from './activation/index.js';
import { adamUpdatesOp } from './adam_updates/index.js';
import { avgPool2dOp } from './avg_pool2d/index.js';
import { batchNormInferenceOp, batchNormOp } from './batch_norm/index.js';
import { biasAddOp } from './bias_add/index.js';
import { channelShuffleOp } from './channel_shuffle/index.js';
import { clipGradientsOp } from './clip_gradients/index.js';
import { conv2dOp } from './conv2d/index.js';
import { deformConv2dOp } from './deform_conv2d/index.js';
import { deformPsRoiPoolOp } from './deform_ps_roi_pool/index.js';
import { deformRoiPoolOp } from './deform_roi_pool/index.js';
import { deformTapsOp } from './deform_taps/index.js';
import { depthwiseConv2dOp } from './depthwise_conv2d/index.js';
import type { OpDescriptor } from './descriptor.js';
import { dropoutOp } from './dropout/index.js';
import { identityOp } from './identity/index.js';
import { maxPool2dOp } from './max_pool2d/index.js';
import { packHalfOp, unpackHalfOp } from './pack_half/index.js';
import { padImageOp } from './pad_image/index.js';
import { psRoiAlignOp } from './ps_roi_align/index.js';
import { psRoiPoolOp } from './ps_roi_pool/index.js';
import { roiAlignOp } from './roi_align/index.js';
import { roiPoolOp } from './roi_pool/index.js';
import { weightedSumsOp } from './weighted_sums/index.js';

export const OPS: readonly OpDescriptor[] = [
  conv2dOp,
  depthwiseConv2dOp,
  deformConv2dOp,
  deformTapsOp,
  maxPool2dOp,
  avgPool2dOp,
  roiPoolOp,
  roiAlignOp,
  psRoiPoolOp,
  psRoiAlignOp,
  deformRoiPoolOp,
  deformPsRoiPoolOp,
  channelShuffleOp,
  dropoutOp,
  batchNormOp,
  batchNormInferenceOp,
  biasAddOp,
  padImageOp,
  identityOp,
  activationOp,
  adamUpdatesOp,
  weightedSumsOp,
  clipGradientsOp,
  packHalfOp,
  unpackHalfOp,
].map(onNode);

/**
 * Adds an operator's wasm kernels, on their own memory, to tfjs-node wherever it has no faster kernel for tfjs-node.
 */
function onNode(op: OpDescriptor): OpDescriptor {
  const own = new Set(op.kernels.filter((kernel) => kernel.backendName === NODE).map(({ kernelName }) => kernelName));
  const wasm = op.kernels.filter(({ backendName, kernelName }) => backendName === 'wasm' && !own.has(kernelName));
  return { ...op, kernels: [...op.kernels, ...wasm.map((kernel) => ({ ...kernel, backendName: NODE }))] };
}
