/** Pictures as SVG text: `import { samplingPlot } from 'tfjs-convolutions/plots'`. */
export { comparePlot } from './compare_plot.js';
export { costPlot } from './cost_plot.js';
export { effectiveReceptiveFieldPlot } from './effective_receptive_field_plot.js';
export { pngDataUrl, type Pixels } from './png.js';
export { receptiveFieldPlot } from './receptive_field_plot.js';
export { samplingPlot, type PlotImage, type SamplingPlotOptions } from './sampling_plot.js';
export { trainingCurves, type CurvePoint, type StepPoint, type TrainingCurvesOptions } from './training_curves.js';
export { vegaLitePlot } from './vega_lite_plot.js';
