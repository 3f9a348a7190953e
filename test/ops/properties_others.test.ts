/** Random cases of everything that is no convolution, no pooling and no region operator against float64. */
import { describeProperties } from '../properties/declare.js';
import { NORMALIZATION_PROPERTIES } from '../properties/operators/normalization.js';
import { OTHER_PROPERTIES } from '../properties/operators/others.js';

describeProperties([...NORMALIZATION_PROPERTIES, ...OTHER_PROPERTIES]);
