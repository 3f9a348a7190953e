/** Pictures as SVG text: `import { samplingPlot } from 'tfjs-convolutions/plots'`. */
export { pngDataUrl, type Pixels } from './png.js';
export { samplingPlot, type PlotImage } from './sampling_plot.js';
export { trainingCurves, type CurvePoint } from './training_curves.js';
