/** Random cases of the pooling and the region operators against float64. */
import { describeProperties } from '../properties/declare.js';
import { POOLING_PROPERTIES } from '../properties/operators/pooling.js';
import { REGION_PROPERTIES } from '../properties/operators/regions.js';

describeProperties([...POOLING_PROPERTIES, ...REGION_PROPERTIES]);
