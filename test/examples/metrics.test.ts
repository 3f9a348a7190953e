/** What examples judge their networks by, and the classical filters that stand beside them, on cases worked out by hand. */
import { bicubic, filterEach, gaussian, median3 } from '../../examples/support/filters.js';
import { meanIoU, meanPsnr } from '../../examples/support/metrics.js';

test('meanIoU() is the mean over the classes that are there', () => {
  // Class 0: 2 of 4, class 1: 1 of 3, class 2: nowhere.
  expect(meanIoU([0, 0, 0, 1, 1], [0, 0, 1, 1, 0], 3)).toBeCloseTo((2 / 4 + 1 / 3) / 2, 12);
  // A class that is only found counts as a miss.
  expect(meanIoU([0, 2], [0, 0], 3)).toBeCloseTo((1 / 2 + 0) / 2, 12);
  expect(meanIoU([1, 0], [1, 0], 2)).toBe(1);
});

test('meanPsnr() is in decibels, image by image, of clipped values', () => {
  expect(meanPsnr([0.1, 0.1], [0, 0], 2)).toBeCloseTo(20, 10);
  expect(meanPsnr([0.1, 0.01], [0, 0], 1)).toBeCloseTo((20 + 40) / 2, 10);
  expect(meanPsnr([1.5, 0.9], [1, 1], 2)).toBeCloseTo(-10 * Math.log10(0.01 / 2), 10);
});

test('median3() takes the middle of nine, the border going on outside', () => {
  const image = Float32Array.of(1, 2, 3, 4, 9, 5, 6, 7, 8);
  expect(median3(image, 3)[4]).toBe(5);
  // Around the corner: 1 four times, 2 and 4 twice each, and 9.
  expect(median3(image, 3)[0]).toBe(2);
});

test('gaussian() keeps what is even and spreads a point as its bell says', () => {
  expect(gaussian(1)(new Float32Array(25).fill(0.5), 5).every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true);
  const point = new Float32Array(81);
  point[40] = 1;
  const spread = gaussian(0.8)(point, 9);
  expect(spread[41]! / spread[40]!).toBeCloseTo(Math.exp(-1 / (2 * 0.64)), 5);
  expect(spread.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
});

test('bicubic() continues straight lines exactly, and weighs as Keys does', () => {
  const ramp = Float32Array.from({ length: 64 }, (_, i) => i % 8);
  const large = bicubic(16)(ramp, 8);
  // Away from the border, output x reads the line at (x + ½) / 2 − ½.
  for (const x of [5, 6, 9, 10]) expect(large[16 * 7 + x]).toBeCloseTo((x + 0.5) / 2 - 0.5, 5);
  const wide = Float32Array.from({ length: 256 }, (_, i) => i % 16);
  const small = bicubic(8)(wide, 16);
  expect(small[8 * 2 + 3]).toBeCloseTo(6.5, 5);
  const point = new Float32Array(49);
  point[24] = 1;
  // A quarter beside the point, along one axis: 1.5/64 − 2.5/16 + 1, and three quarters beside it.
  const [near, far] = [1.5 / 64 - 2.5 / 16 + 1, (1.5 * 27) / 64 - (2.5 * 9) / 16 + 1];
  const enlarged = bicubic(14)(point, 7);
  expect(enlarged[14 * 6 + 6]).toBeCloseTo(near ** 2, 6);
  expect(enlarged[14 * 6 + 5]).toBeCloseTo(near * far, 6);
});

test('filterEach() filters each image apart', () => {
  const images = Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1);
  expect([...filterEach(images, 2, bicubic(1))]).toEqual([0, 1]);
});
