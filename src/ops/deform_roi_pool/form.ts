/** How deformRoiPool samples on a device. */
import { alignedNumbers, type RegionForm } from '../roi/form.js';
import type { DeformRoiPoolGeometry } from './names.js';

export const deformRoiPoolForm: RegionForm<DeformRoiPoolGeometry> = {
  sampling: 'aligned',
  numbers: (g) => alignedNumbers(g, { aligned: true, gamma: g.gamma }),
  groups: ({ outHeight, outWidth }) => ({ parts: [outHeight, outWidth] }),
};
