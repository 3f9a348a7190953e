/** Random cases of the deformable convolutions against float64. */
import { describeProperties } from '../properties/declare.js';
import { DEFORMABLE_PROPERTIES } from '../properties/operators/deformable.js';

describeProperties(DEFORMABLE_PROPERTIES);
