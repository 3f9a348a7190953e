/** Factories take one object of arguments, for the compiler as for a running program. */
import * as conv from '../../src/index.js';

describe('layers', () => {
  test('refuses a second argument, which the compiler does too', () => {
    const args = { filters: 2, kernelSize: 3 } as const;
    const window = { padding: 'same', dilationRate: 2 } as const;
    // @ts-expect-error: one argument
    expect(() => conv.layers.conv2d(args, window)).toThrow(
      'Cannot call conv2d: no argument may follow: write conv2d({…}), received argument = {"padding":"same","dilationRate":2}',
    );
    // @ts-expect-error: one argument
    expect(() => conv.layers.dilatedConv2d(args, window)).toThrow('no argument may follow: write dilatedConv2d({…})');
  });

  test('dilatedConv2d() keeps its own defaults, and takes others', () => {
    const own = conv.layers.dilatedConv2d({ filters: 2, kernelSize: 3 }).getConfig();
    expect([own['padding'], own['dilationRate']]).toEqual(['same', [2, 2]]);
    const other = conv.layers.dilatedConv2d({ filters: 2, kernelSize: 3, padding: 'valid', dilationRate: 3 });
    expect([other.getConfig()['padding'], other.getConfig()['dilationRate']]).toEqual(['valid', [3, 3]]);
    expect(conv.layers.conv2d({ filters: 2, kernelSize: 3 }).getConfig()['padding']).toBe('valid');
  });
});
