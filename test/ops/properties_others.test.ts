/** Random cases of all operators other than convolutions, pooling and region operators against float64. */
import { describeProperties } from '../properties/declare.js';
import { HALF_PRECISION_PROPERTIES } from '../properties/operators/half_precision.js';
import { NORMALIZATION_PROPERTIES } from '../properties/operators/normalization.js';
import { OTHER_PROPERTIES } from '../properties/operators/others.js';
import { UPDATE_PROPERTIES } from '../properties/operators/updates.js';

describeProperties([
  ...NORMALIZATION_PROPERTIES,
  ...HALF_PRECISION_PROPERTIES,
  ...OTHER_PROPERTIES,
  ...UPDATE_PROPERTIES,
]);
