/** All analyses, one line each. */
export { compare, type ComparedModel, type CompareOptions, type CompareReport, type Latency } from './compare.js';
export { cost, type Cost, type CostOptions, type CostReport, type LayerCost, type ParameterCount } from './cost.js';
export {
  effectiveReceptiveField,
  type EffectiveReceptiveField,
  type EffectiveReceptiveFieldOptions,
} from './effective_receptive_field.js';
export type { Axes } from './field_trace.js';
export type { Influence, PixelBox } from './influence.js';
export type { TheoreticalField } from './position_field.js';
export {
  receptiveField,
  type AxisField,
  type Interval,
  type LayerReceptiveField,
  type ReceptiveField,
  type ReceptiveFieldOptions,
  type ReceptiveFieldReport,
} from './receptive_field.js';
export {
  samplingLocations,
  type SamplingLocations,
  type SamplingOptions,
  type SamplingPosition,
  type SamplingTap,
} from './sampling_locations.js';
export { separableSavings, type SeparableBlock, type SeparableReport } from './separable_savings.js';
