/** Metrics of classifiers and segmentations. */
export { areaUnderCurve } from './area_under_curve.js';
export { averagePrecision } from './average_precision.js';
export {
  classificationReport,
  type ClassificationReport,
  type ClassScores,
  type Scores,
} from './classification_report.js';
export { confusionMatrix } from './confusion_matrix.js';
export { multiLabelReport, type LabelScores, type MultiLabelReport } from './multi_label_report.js';
export { segmentationReport, type SegmentationReport } from './segmentation_report.js';
export { topKAccuracy, type Metric } from './top_k_accuracy.js';
