/** Random cases of the plain convolutions against float64. */
import { describeProperties } from '../properties/declare.js';
import { CONVOLUTION_PROPERTIES } from '../properties/operators/convolutions.js';

describeProperties(CONVOLUTION_PROPERTIES);
