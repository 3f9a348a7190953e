/** Random cases of the region operators against float64. */
import { describeProperties } from '../properties/declare.js';
import { REGION_PROPERTIES } from '../properties/operators/regions.js';

describeProperties(REGION_PROPERTIES);
