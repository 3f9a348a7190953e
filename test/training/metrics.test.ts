/** Metrics against their definitions. */
import * as tf from '@tensorflow/tfjs';
import { metrics } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { Random } from '../support/random.js';

const LABELS = [0, 0, 1, 2, 2, 2, 1, 0, 3];
const PREDICTED = [0, 1, 1, 2, 0, 2, 1, 0, 2];

describe('metrics', () => {
  test('count confusions', () => {
    expect(metrics.confusionMatrix(LABELS, Int32Array.from(PREDICTED), 4)).toEqual([
      [2, 1, 0, 0],
      [0, 2, 0, 0],
      [1, 0, 2, 0],
      [0, 0, 1, 0],
    ]);
  });

  test('report precision, recall and F1 as scikit-learn', () => {
    const report = metrics.classificationReport(metrics.confusionMatrix(LABELS, PREDICTED, 4));
    expect(report.accuracy).toBeCloseTo(6 / 9, 12);
    expect(report.classes).toEqual([
      { precision: 2 / 3, recall: 2 / 3, f1: 4 / 6, support: 3 },
      { precision: 2 / 3, recall: 1, f1: 4 / 5, support: 2 },
      { precision: 2 / 3, recall: 2 / 3, f1: 4 / 6, support: 3 },
      { precision: 0, recall: 0, f1: 0, support: 1 },
    ]);
    expect(report.macro.recall).toBeCloseTo((2 / 3 + 1 + 2 / 3) / 4, 12);
    expect(report.weighted.precision).toBeCloseTo((8 * (2 / 3)) / 9, 12);
    expect(report.weighted.f1).toBeCloseTo((3 * (2 / 3) + 2 * 0.8 + 3 * (2 / 3)) / 9, 12);
  });

  test('report overlaps, without classes that are nowhere', () => {
    const report = metrics.segmentationReport([
      [3, 1, 0],
      [2, 4, 0],
      [0, 0, 0],
    ]);
    expect(report.accuracy).toBeCloseTo(0.7, 12);
    expect(report.iou).toEqual([3 / 6, 4 / 7, NaN]);
    expect(report.dice).toEqual([6 / 9, 8 / 11, NaN]);
    expect(report.meanIou).toBeCloseTo((3 / 6 + 4 / 7) / 2, 12);
    expect(report.meanDice).toBeCloseTo((6 / 9 + 8 / 11) / 2, 12);
  });

  test('area under the curve is the fraction of pairs in order', () => {
    const random = new Random(3);
    const scores = Array.from(random.array([60]).data, (value) => Math.round(value * 10) / 10);
    const labels = scores.map((score, index) => Number(score + (index % 5) / 3 > 0.6));
    let [inOrder, pairs] = [0, 0];
    labels.forEach((label, i) => {
      labels.forEach((other, j) => {
        if (label !== 1 || other !== 0) return;
        pairs++;
        inOrder += scores[i]! > scores[j]! ? 1 : scores[i]! === scores[j]! ? 0.5 : 0;
      });
    });
    expect(pairs).toBeGreaterThan(100);
    expect(metrics.areaUnderCurve(labels, scores)).toBeCloseTo(inOrder / pairs, 12);
    expect(metrics.areaUnderCurve([1, 1], [0.5, 0.6])).toBeNaN();
  });

  test('scores of several labels are those of their formulas', () => {
    const labels = [1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0];
    const scores = [0.9, 0.4, 0.3, 0.6, 0.4, 0.8, 0.7, 0.5, 0.2, 0.7, 0.1, 0.1];
    const report = metrics.multiLabelReport(labels, scores, 3);
    // Of class 0: 0.9 and 0.7 are right, 0.7 (with the same score) and 0.6 are not.
    expect(report.classes[0]).toEqual({ precision: 0.5, recall: 1, f1: 2 / 3, support: 2, averagePrecision: (1 + 2 / 3) / 2, areaUnderCurve: 3.5 / 4 }); // prettier-ignore
    expect(report.micro.recall).toBeCloseTo(4 / 5, 12);
    expect(report.micro.precision).toBeCloseTo(4 / 6, 12);
    expect(report.exactMatch).toBe(1 / 4);
    expect(metrics.multiLabelReport(labels, scores, 3, 0.75).classes[0]!.recall).toBe(0.5);
    expect(metrics.averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).toBeCloseTo(0.8333333333, 9);
    expect(metrics.averagePrecision([0, 0], [0.1, 0.4])).toBeNaN();
    const unknown = metrics.multiLabelReport([1, 0, 1, 0], [0.9, 0.1, 0.8, 0.2], 2);
    expect([unknown.meanAveragePrecision, unknown.meanAreaUnderCurve]).toEqual([1, NaN]);
  });

  test.each([
    [() => metrics.confusionMatrix([0], [0, 1], 2), 'there must be 1 predictions'],
    [() => metrics.confusionMatrix([2], [0], 2), 'label'],
    [() => metrics.confusionMatrix(1 as never, [0], 2), 'labels must be a list'],
    [() => metrics.confusionMatrix([], [], 2), 'at least one number'],
    [() => metrics.classificationReport([[1, 2]]), 'square matrix'],
    [() => metrics.classificationReport([[-1]]), 'count'],
    [() => metrics.segmentationReport('x' as never), 'square matrix'],
    [() => metrics.areaUnderCurve([0, 2], [1, 1]), 'labels must be 0 or 1'],
    [() => metrics.areaUnderCurve([0, 1], [1, NaN]), 'score'],
    [() => metrics.averagePrecision([1], [1, 2]), 'there must be 1 scores'],
    [() => metrics.multiLabelReport([1, 0], [1, 0], 3), 'there must be 3 labels'],
    [() => metrics.multiLabelReport([1, 0], [1, 0], 2, 2), 'threshold'],
    [() => metrics.topKAccuracy(0), 'k must'],
  ] as const)('refuse %#', (call: () => unknown, message) => {
    expect(call).toThrow(message);
  });
});

describeBackends('topKAccuracy()', () => {
  test('ranks the true class among the predictions', async () => {
    const truth = tf.oneHot(tf.tensor1d([2, 0, 1], 'int32'), 3).toFloat();
    const prediction = tf.tensor2d([0.5, 0.2, 0.3, 0.4, 0.5, 0.1, 0.2, 0.1, 0.7], [3, 3]);
    const ranks = [2, 2, 3];
    for (const k of [1, 2, 3]) {
      const result = metrics.topKAccuracy(k)(truth, prediction);
      expect([...(await result.data())]).toEqual(ranks.map((rank) => Number(rank <= k)));
      result.dispose();
    }
    tf.dispose([truth, prediction]);
  });
});
