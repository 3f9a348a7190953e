/** How roiAlign samples on a device. */
import { alignedNumbers, type RegionForm } from '../roi/form.js';
import type { RoiAlignGeometry } from './names.js';

export const roiAlignForm: RegionForm<RoiAlignGeometry> = {
  sampling: 'aligned',
  numbers: (g) => alignedNumbers(g, { aligned: g.aligned }),
  groups: () => ({}),
};
