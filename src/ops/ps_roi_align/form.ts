/** How psRoiAlign samples on a device. */
import { alignedNumbers, type RegionForm } from '../roi/form.js';
import type { SampledRoiGeometry } from '../roi/geometry.js';

export const psRoiAlignForm: RegionForm<SampledRoiGeometry> = {
  sampling: 'aligned',
  numbers: (g) => alignedNumbers(g, { aligned: true }),
  groups: ({ outHeight, outWidth }) => ({ groups: [outHeight, outWidth] }),
};
