/**
 * The table of all public functions and classes that take options: a row for each, and the names of those that take none.
 *
 * A new one needs one line: `row<MyOptions>('name', (options) => call(options), { option: kind, … }, { required ones })` in
 * the file of its part in `rows/` (`layer('MyLayer', { option: kind, … }, { required ones })` for a layer), with the kinds of
 * `kinds.ts`; without options, its name in {@link WITHOUT_OPTIONS}. A new option is one entry of its row, which the
 * compiler demands.
 */
import { ANALYSIS_ROWS } from './rows/analyses.js';
import { GEOMETRY_ROWS } from './rows/geometry.js';
import { INTEROP_ROWS } from './rows/interop.js';
import { LAYER_ROWS } from './rows/layers.js';
import { MODEL_ROWS } from './rows/models.js';
import { OPERATOR_ROWS } from './rows/operators.js';
import { PLOT_ROWS } from './rows/plots.js';
import { TRAINING_ROWS } from './rows/training.js';
import type { Row } from './row.js';

export const ROWS: readonly Row[] = [
  ...OPERATOR_ROWS,
  ...LAYER_ROWS,
  ...MODEL_ROWS,
  ...ANALYSIS_ROWS,
  ...GEOMETRY_ROWS,
  ...PLOT_ROWS,
  ...INTEROP_ROWS,
  ...TRAINING_ROWS,
];

/** Functions and classes whose arguments are all named by their place. */
export const WITHOUT_OPTIONS = [
  ...[
    'accelerateStockLayers',
    'capture',
    'channelShuffle',
    'checkpoint',
    'freezeNormalizations',
    'packHalf',
    'resizeBilinear',
    'toStockLayers',
    'unpackHalf',
    'useThreads',
  ],
  ...['CorruptFileError', 'UnsupportedBackendError'],
  'geometry/bilinearCells',
  ...['plots/comparePlot', 'plots/costPlot', 'plots/effectiveReceptiveFieldPlot', 'plots/receptiveFieldPlot'],
  'plots/vegaLitePlot',
  ...['interop/saveKerasWeights', 'interop/KerasWeightsError', 'interop/MissingPackageError'],
  ...['interop/loadKeras', 'interop/saveKeras', 'interop/KerasModelError'],
  ...['interop/OnnxExportError', 'interop/OnnxImportError', 'interop/loadOnnx', 'interop/SafetensorsError'],
  ...['training/decodeCheckpoint', 'training/encodeCheckpoint', 'training/resume', 'training/loadCheckpoint'],
  ...[
    'training/saveCheckpoint',
    'training/checkFiniteWeights',
    'training/cosineDecay',
    'training/takeFirst',
    'training/isIdxFolder',
  ],
  ...['training/loadIdx', 'training/readIdx', 'training/loadMnist', 'training/decodeModel'],
  ...['training/fileHandler', 'training/loadModel', 'training/loadOptional'],
  ...['training/MissingPackageError', 'training/Random', 'training/resizeSplit', 'training/splitByClass'],
  ...['training/placeImage', 'training/prepareImage', 'training/preprocessingOf', 'training/scalePixels'],
  ...['training/withSeed', 'training/Adam.fromConfig', 'training/SGD.fromConfig'],
  ...['training/losses/classWeights', 'training/losses/dice', 'training/schedules/constant'],
  ...['areaUnderCurve', 'averagePrecision', 'classificationReport', 'confusionMatrix', 'multiLabelReport'].map(
    (name) => `training/metrics/${name}`,
  ),
  ...['segmentationReport', 'topKAccuracy'].map((name) => `training/metrics/${name}`),
] as const;
