/** Streams of random numbers. */
import { permutation, Random } from '../../src/training/random.js';
import { withSeed } from '../../src/training/with_seed.js';

describe('Random', () => {
  const draw = (random: Random, count = 9): number[] => Array.from({ length: count }, () => random.word());

  test('depends only on its coordinates', () => {
    expect(draw(new Random(5, 'augmentation', 2, 3))).toEqual(draw(new Random(5, 'augmentation', 2, 3)));
  });

  test.each([
    ['seed', new Random(6, 'augmentation', 2, 3)],
    ['stream', new Random(5, 'shuffle', 2, 3)],
    ['first coordinate', new Random(5, 'augmentation', 3, 3)],
    ['second coordinate', new Random(5, 'augmentation', 2, 4)],
    ['swapped coordinates', new Random(5, 'augmentation', 3, 2)],
  ])('gives other numbers for another %s', (_, other) => {
    const words = new Set(draw(new Random(5, 'augmentation', 2, 3)));
    expect(draw(other).filter((word) => words.has(word))).toEqual([]);
  });

  test('uniform() fills [0, 1) evenly', () => {
    const random = new Random(1, 'split');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10000; i++) counts[Math.floor(random.uniform() * 10)]!++;
    // Five standard deviations of a binomial count.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('refuses a seed that is not an integer', () => {
    expect(() => new Random(1.5, 'split')).toThrow('Cannot draw random numbers: seed must be an integer');
  });
});

describe('permutation()', () => {
  test('contains every index once, in another order for another stream', () => {
    const order = permutation(100, new Random(1, 'shuffle', 0));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect([...order]).not.toEqual([...permutation(100, new Random(1, 'shuffle', 1))]);
  });

  test('every order of three is about equally frequent', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = permutation(3, new Random(1, 'shuffle', i)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('withSeed()', () => {
  test('repeats Math.random() while it runs and restores it afterwards', () => {
    const original = Math.random;
    const inside = (): number[] => withSeed(new Random(1, 'step'), () => [Math.random(), Math.random()]);
    expect(inside()).toEqual(inside());
    expect(Math.random).toBe(original);
  });

  test('restores Math.random() after an error', () => {
    const original = Math.random;
    const fail = (): never => {
      throw new Error('inside');
    };
    expect(() => withSeed(new Random(1, 'step'), fail)).toThrow('inside');
    expect(Math.random).toBe(original);
  });
});
