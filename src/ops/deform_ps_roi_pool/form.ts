/** How deformPsRoiPool samples on a device. */
import type { RegionForm } from '../roi/form.js';
import type { DeformPsRoiPoolGeometry } from './names.js';

export const deformPsRoiPoolForm: RegionForm<DeformPsRoiPoolGeometry> = {
  sampling: 'parts',
  numbers: ({ samplesPerPart, transStd }) => ({ samplesPerPart, transStd }),
  groups: ({ groupSize, partSize, classes }) => ({
    groups: [groupSize, groupSize],
    parts: [partSize, partSize],
    classes,
  }),
};
