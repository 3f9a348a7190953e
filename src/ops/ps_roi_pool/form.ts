/** How psRoiPool samples on a device. */
import type { RegionForm } from '../roi/form.js';
import type { RoiGeometry } from '../roi/geometry.js';

export const psRoiPoolForm: RegionForm<RoiGeometry> = {
  sampling: 'pixels',
  numbers: () => ({ inclusive: 0 }),
  groups: ({ outHeight, outWidth }) => ({ groups: [outHeight, outWidth] }),
};
