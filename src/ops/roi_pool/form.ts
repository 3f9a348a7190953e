/** How roiPool samples on a device. */
import type { RegionForm } from '../roi/form.js';
import type { RoiGeometry } from '../roi/geometry.js';

export const roiPoolForm: RegionForm<RoiGeometry> = {
  sampling: 'pixels',
  numbers: () => ({ inclusive: 1 }),
  groups: () => ({}),
};
