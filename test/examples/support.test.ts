/** What the examples measure with: examples worked by hand. */
import * as tf from '@tensorflow/tfjs';
import '../../src/index.js';
import { anchorBoxes, matchAnchors } from '../../examples/support/anchors.js';
import { meanAveragePrecision, type Detection } from '../../examples/support/average_precision.js';
import { decode, encode, overlap, type Box } from '../../examples/support/boxes.js';
import { detect } from '../../examples/support/detect.js';

const box = (y1: number, x1: number, y2: number, x2: number): Box => ({ y1, x1, y2, x2 });

describe('overlap()', () => {
  it('is intersection over union', () => {
    expect(overlap(box(0, 0, 2, 4), box(1, 1, 3, 5))).toBeCloseTo(3 / 13);
    expect(overlap(box(0, 0, 2, 4), box(0, 0, 2, 4))).toBe(1);
    expect(overlap(box(0, 0, 2, 4), box(2, 0, 3, 4))).toBe(0);
    expect(overlap(box(0, 0, 1, 1), box(3, 3, 4, 4))).toBe(0);
  });
});

describe('encode()', () => {
  it('says where a box lies in parts of another, scaled by 10 and by 5', () => {
    const from = box(2, 4, 6, 14);
    expect(encode(box(3, 4, 7, 14), from)).toEqual([2.5, 0, 0, 0]);
    const [y, x, height, width] = encode(box(0, 8, 8, 13), from);
    expect(y).toBe(0);
    expect(x).toBeCloseTo(1.5);
    expect(height).toBeCloseTo(5 * Math.log(2));
    expect(width).toBeCloseTo(5 * Math.log(0.5));
  });

  it('is what decode() takes back, up to the borders of the image', () => {
    const [from, to] = [box(2, 4, 6, 14), box(-1, 8, 8, 13)];
    const { y1, x1, y2, x2 } = decode(encode(to, from), from, 12);
    expect(y1).toBe(0);
    expect(x1).toBeCloseTo(8);
    expect(y2).toBeCloseTo(8);
    expect(x2).toBe(12);
  });
});

describe('meanAveragePrecision()', () => {
  const at = (top: number, label: number): Detection => ({ ...box(top, 0, top + 10, 10), label, score: 0 });
  const said = (top: number, label: number, score: number): Detection => ({ ...at(top, label), score });

  it('is the area under the best precision from a recall on', () => {
    // Class 1, by score: right, wrong (no object), right, wrong (taken). Recall 1/3, 1/3, 2/3, 2/3; precision 1, 1/2, 2/3,
    // 1/2; the third object is never found. Area: 1/3 · 1 + 1/3 · 2/3 = 5/9. Class 2: one object, found at once: 1.
    const truth = [[at(0, 1), at(50, 1)], [at(0, 1), at(80, 2)], []];
    const detections = [[said(1, 1, 0.9), said(51, 1, 0.5), said(2, 1, 0.4)], [said(80, 2, 0.1)], [said(0, 1, 0.8)]];
    expect(meanAveragePrecision(detections, truth, 0.5)).toBeCloseTo((5 / 9 + 1) / 2);
    // Overlaps of 9/11 are not enough for more than that: only class 2 is left.
    expect(meanAveragePrecision(detections, truth, 0.82)).toBeCloseTo(1 / 2);
  });

  it('takes the precision of a later rank where it is higher', () => {
    // Wrong, right, right: precision 0, 1/2, 2/3 at recall 0, 1/2, 1. Area: 1/2 · 2/3 + 1/2 · 2/3.
    const detections = [[said(90, 1, 0.9), said(0, 1, 0.8), said(50, 1, 0.7)]];
    expect(meanAveragePrecision(detections, [[at(0, 1), at(50, 1)]], 0.5)).toBeCloseTo(2 / 3);
  });

  it('is 0 where the right place has the wrong class', () => {
    expect(meanAveragePrecision([[said(0, 2, 1)]], [[at(0, 1)]], 0.5)).toBe(0);
  });
});

describe('anchorBoxes()', () => {
  it('stand around every position, by scale, row, column and shape', () => {
    const anchors = anchorBoxes(
      [
        { positions: 2, side: 4, larger: 6, boxes: 6 },
        { positions: 1, side: 8, larger: 9, boxes: 4 },
      ],
      16,
    );
    expect(anchors.length).toBe(2 * 2 * 6 + 4);
    expect(anchors.slice(0, 2)).toEqual([box(2, 2, 6, 6), box(1, 1, 7, 7)]);
    expect(anchors[6]).toEqual(box(2, 10, 6, 14));
    expect(anchors[12]).toEqual(box(10, 2, 14, 6));
    expect(anchors[24]).toEqual(box(4, 4, 12, 12));
    const { y1, x1, y2, x2 } = anchors[2]!;
    expect((x2 - x1) / (y2 - y1)).toBeCloseTo(2);
    expect((x2 - x1) * (y2 - y1)).toBeCloseTo(16);
  });
});

describe('matchAnchors()', () => {
  it('gives an anchor what it overlaps most, and an object its best anchor', () => {
    const anchors = [box(0, 0, 10, 10), box(0, 0, 10, 20), box(40, 40, 50, 50), box(60, 60, 80, 80)];
    const objects = [
      { ...box(0, 0, 10, 11), label: 2 },
      { ...box(62, 62, 70, 70), label: 3 },
    ];
    const { labels, offsets } = matchAnchors(anchors, objects);
    // Overlaps 10/11, 11/20; 0; 64/400, too little but the best for the second object.
    expect([...labels]).toEqual([2, 2, 0, 3]);
    expect([...offsets.subarray(0, 4)]).toEqual([...Float32Array.from(encode(objects[0]!, anchors[0]!))]);
    expect([...offsets.subarray(8, 12)]).toEqual([0, 0, 0, 0]);
  });

  it('leaves out what is neither right nor wrong', () => {
    const { labels } = matchAnchors([box(0, 0, 10, 10), box(0, 0, 10, 22)], [{ ...box(0, 0, 10, 10), label: 1 }]);
    expect([...labels]).toEqual([1, -1]);
  });
});

describe('detect()', () => {
  it('keeps the best of the boxes that overlap, class by class', async () => {
    await tf.setBackend('cpu');
    const from = [box(0, 0, 10, 10), box(0, 1, 10, 11), box(20, 20, 30, 30)];
    const probabilities = tf.tensor2d([
      [0.1, 0.6, 0.3],
      [0.2, 0.8, 0],
      [0.99, 0.005, 0.005],
    ]);
    const found = detect(probabilities, tf.zeros([3, 4]), from, 64);
    expect(found).toEqual([
      { ...from[1], label: 1, score: Math.fround(0.8) },
      { ...from[0], label: 2, score: Math.fround(0.3) },
    ]);
    probabilities.dispose();
  });
});
