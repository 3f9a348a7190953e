/** Random cases of everything that is no convolution and no region operator against float64. */
import { describeProperties } from '../properties/declare.js';
import { OTHER_PROPERTIES } from '../properties/operators/others.js';

describeProperties(OTHER_PROPERTIES);
