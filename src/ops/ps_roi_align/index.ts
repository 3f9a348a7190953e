import { regionOperator } from '../roi/descriptor.js';
import { alignedNumbers } from '../roi/form.js';
import type { SampledRoiGeometry } from '../roi/geometry.js';
import { PS_ROI_ALIGN } from './kernels.js';
import { planPsRoiAlign } from './plan.js';

export const psRoiAlignOp = regionOperator<SampledRoiGeometry>({
  name: 'psRoiAlign',
  kernelNames: PS_ROI_ALIGN,
  kind: 'linear',
  plan: planPsRoiAlign,
  form: {
    sampling: 'aligned',
    numbers: (g) => alignedNumbers(g, { aligned: true }),
    groups: ({ outHeight, outWidth }) => ({ groups: [outHeight, outWidth] }),
  },
});
