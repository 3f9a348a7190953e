/** Learning rate schedules against their formulas. */
import { schedules } from '../../src/training/index.js';

describe('schedules', () => {
  test('constant() stays', () => {
    expect([0, 1, 1e6].map(schedules.constant(0.3))).toEqual([0.3, 0.3, 0.3]);
  });

  test('cosine() falls along half a cosine and stays', () => {
    const rate = schedules.cosine({ initial: 0.5, steps: 40, final: 0.1 });
    for (const step of [0, 7, 20, 39, 40, 100]) {
      const want = 0.1 + (0.4 * (1 + Math.cos((Math.PI * Math.min(step, 40)) / 40))) / 2;
      expect(rate(step)).toBeCloseTo(want, 12);
    }
  });

  test('steps() falls at multiples or at listed steps', () => {
    const even = schedules.steps({ initial: 8, at: 10, factor: 0.5 });
    expect([0, 9, 10, 19, 20, 35].map(even)).toEqual([8, 8, 4, 4, 2, 1]);
    const listed = schedules.steps({ initial: 8, at: [3, 5], factor: 0.25 });
    expect([0, 2, 3, 4, 5, 99].map(listed)).toEqual([8, 8, 2, 2, 0.5, 0.5]);
    expect(schedules.steps({ initial: 1, at: 1 })(2)).toBeCloseTo(0.01, 12);
  });

  test('warmUp() rises to what follows', () => {
    const rate = schedules.warmUp({ steps: 4, from: 1, then: schedules.steps({ initial: 9, at: 2, factor: 0.1 }) });
    expect([0, 1, 2, 3, 4, 5].map(rate)).toEqual([1, 3, 5, 7, 9, 9]);
    expect(rate(6)).toBeCloseTo(0.9, 12);
    expect(schedules.warmUp({ steps: 0, then: schedules.constant(2) })(0)).toBe(2);
  });

  test('oneCycle() has the values of torch', () => {
    const options = { highest: 0.4, steps: 20, rising: 0.25, initialDivisor: 10, finalDivisor: 100 };
    const rate = schedules.oneCycle(options);
    const [initial, final, peak] = [0.04, 0.0004, 4];
    const along = (start: number, end: number, part: number): number =>
      end + ((start - end) / 2) * (Math.cos(Math.PI * part) + 1);
    for (const step of [0, 1, 3, 4, 5, 12, 19, 30]) {
      const want =
        step <= peak ? along(initial, 0.4, step / peak) : along(0.4, final, Math.min((step - peak) / (19 - peak), 1));
      expect(rate(step)).toBeCloseTo(want, 12);
    }
    expect(schedules.oneCycle({ highest: 1, steps: 100 })(29)).toBe(1);
  });

  test.each([
    [() => schedules.constant(0), 'rate must be a positive number'],
    [() => schedules.cosine({ initial: 0.1, steps: 0 }), 'steps'],
    [() => schedules.cosine({ initial: 0.1, steps: 5, end: 1 } as never), 'the options are initial, steps, final'],
    [() => schedules.cosine(0.1 as never), 'options must be an object'],
    [() => schedules.steps({ initial: 1, at: [5, 5] }), 'increasing order'],
    [() => schedules.steps({ initial: 1, at: 'x' as never }), 'at must be'],
    [() => schedules.warmUp({ steps: 5, then: 0.1 as never }), 'then must be a function'],
    [() => schedules.oneCycle({ highest: 1, steps: 1 }), 'steps'],
    [() => schedules.oneCycle({ highest: 1, steps: 10, rising: 1 }), 'rising'],
  ] as const)('refuse %#', (call: () => unknown, message) => {
    expect(call).toThrow(message);
  });
});
