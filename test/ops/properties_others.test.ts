/** Random cases of all operators other than convolutions, pooling and region operators against float64. */
import { describeProperties } from '../properties/declare.js';
import { NORMALIZATION_PROPERTIES } from '../properties/operators/normalization.js';
import { OTHER_PROPERTIES } from '../properties/operators/others.js';

describeProperties([...NORMALIZATION_PROPERTIES, ...OTHER_PROPERTIES]);
