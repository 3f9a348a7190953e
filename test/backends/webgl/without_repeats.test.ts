import { withoutRepeats } from '../../../src/backends/webgl/without_repeats.js';

type Row = readonly [name: string, ...args: unknown[]];

const [location, other] = [{}, {}];
const [a, b] = [{}, {}];

function kept(rows: readonly Row[], changing: readonly number[] = []): Row[] {
  const calls = rows.map(([name, ...args]) => ({ name, args }));
  const left = withoutRepeats(calls, (call) => changing.includes(calls.indexOf(call)));
  return left.map(({ name, args }) => [name, ...args] as const);
}

describe('withoutRepeats()', () => {
  test.each<readonly [string, readonly Row[], readonly number[]]>([
    [
      'keeps what sets other values',
      [
        ['viewport', 0, 0, 1, 2],
        ['viewport', 0, 0, 2, 2],
        ['drawArrays', 4],
      ],
      [0, 1, 2],
    ],
    [
      'drops what is set',
      [
        ['useProgram', a],
        ['drawArrays', 4],
        ['useProgram', a],
        ['drawArrays', 4],
      ],
      [0, 1, 3],
    ],
    [
      'keeps uniforms of each location',
      [
        ['uniform1i', location, 1],
        ['uniform1i', other, 1],
        ['uniform1i', location, 1],
      ],
      [0, 1],
    ],
    [
      'compares lists',
      [
        ['uniform2iv', location, [1, 2]],
        ['uniform2iv', location, [1, 2]],
        ['uniform2iv', location, [1, 3]],
      ],
      [0, 2],
    ],
    ['drops uniforms without location', [['uniform1f', null, 3]], []],
    [
      'attaches again to another framebuffer',
      [
        ['bindFramebuffer', 1, a],
        ['framebufferTexture2D', 1, b],
        ['bindFramebuffer', 1, null],
        ['framebufferTexture2D', 1, b],
      ],
      [0, 1, 2, 3],
    ],
    [
      'tells the attachments of a framebuffer apart',
      [
        ['bindFramebuffer', 1, a],
        ['framebufferTexture2D', 1, 0, 2, a],
        ['framebufferTexture2D', 1, 1, 2, b],
        ['framebufferTexture2D', 1, 0, 2, a],
        ['framebufferTexture2D', 1, 1, 2, null],
        ['bindFramebuffer', 1, b],
        ['framebufferTexture2D', 1, 0, 2, a],
        ['framebufferTexture2D', 1, 1, 2, null],
      ],
      [0, 1, 2, 4, 5, 6, 7],
    ],
    [
      'tells texture units apart, and chooses them where needed',
      [
        ['activeTexture', 0],
        ['bindTexture', 1, a],
        ['activeTexture', 1],
        ['bindTexture', 1, a],
        ['activeTexture', 0],
        ['bindTexture', 1, a],
      ],
      [0, 1, 2, 3],
    ],
    [
      'keeps uploads',
      [
        ['bindTexture', 1, a],
        ['texSubImage2D', 1],
        ['texSubImage2D', 1],
      ],
      [0, 1, 2],
    ],
  ])('%s', (_, rows, want) => {
    expect(kept(rows)).toEqual(want.map((index) => rows[index]));
  });

  test('keeps numbers that change, and what is set after them', () => {
    const rows = Array.from({ length: 4 }, (): Row => ['uniform1f', location, 1]);
    expect(kept(rows, [1])).toHaveLength(3);
  });
});
