/** Every property. An operator of src/ops without one fails test/properties/coverage.test.ts. */
import { CONVOLUTION_PROPERTIES } from './operators/convolutions.js';
import { DEFORMABLE_PROPERTIES } from './operators/deformable.js';
import { HALF_PRECISION_PROPERTIES } from './operators/half_precision.js';
import { NORMALIZATION_PROPERTIES } from './operators/normalization.js';
import { OTHER_PROPERTIES } from './operators/others.js';
import { POOLING_PROPERTIES } from './operators/pooling.js';
import { REGION_PROPERTIES } from './operators/regions.js';
import { UPDATE_PROPERTIES } from './operators/updates.js';
import type { AnyProperty } from './property.js';

export const PROPERTIES: readonly AnyProperty[] = [
  ...CONVOLUTION_PROPERTIES,
  ...DEFORMABLE_PROPERTIES,
  ...POOLING_PROPERTIES,
  ...REGION_PROPERTIES,
  ...NORMALIZATION_PROPERTIES,
  ...HALF_PRECISION_PROPERTIES,
  ...OTHER_PROPERTIES,
  ...UPDATE_PROPERTIES,
];
