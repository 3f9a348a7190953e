/** Errors of maxPool2d and avgPool2d for invalid arguments. */
import * as conv from '../../src/index.js';
import { anything, image, testRefusals, type Refusal } from '../support/refusals.js';

const OPTIONS = 'poolSize, strides, padding';
const PADDING = "padding must be 'same', 'valid', a number, [height, width] or [[top, bottom], [left, right]]";

const refusals = (['maxPool2d', 'avgPool2d'] as const).flatMap((name): Refusal[] => {
  const action = `Cannot run ${name}`;
  const run =
    (options: unknown, x: () => unknown = () => image(1, 5, 4, 3)): (() => unknown) =>
    () =>
      conv[name](anything(x()), anything(options));
  return [
    {
      title: `${name} without options`,
      call: run(undefined),
      type: TypeError,
      message: `${action}: options must be an object of ${OPTIONS}: write ${name}(x, {poolSize: 3, strides: 2, padding: 'same'}), received options = undefined`,
    },
    {
      title: `${name} as the host writes it`,
      call: () => (conv[name] as (...args: unknown[]) => unknown)(image(1, 5, 4, 3), 2, 2, 'same'),
      type: TypeError,
      message: `${action}: options must be an object of ${OPTIONS}: write ${name}(x, {poolSize: 3, strides: 2, padding: 'same'}), received options = 2`,
    },
    {
      title: `${name} with an unknown option`,
      call: run({ poolSize: 2, pad: 'same' }),
      type: TypeError,
      message: `${action}: the options are ${OPTIONS}, received pad = 'same'`,
    },
    {
      title: `${name} without poolSize`,
      call: run({}),
      type: TypeError,
      message: `${action}: poolSize must be a number or [height, width], received poolSize = undefined`,
    },
    {
      title: `${name} with a window of no pixel`,
      call: run({ poolSize: [2, 0] }),
      type: RangeError,
      message: `${action}: poolSize must be an integer of at least 1, received poolSize = 0`,
    },
    {
      title: `${name} with half a step`,
      call: run({ poolSize: 2, strides: 0.5 }),
      type: RangeError,
      message: `${action}: strides must be an integer of at least 1, received strides = 0.5`,
    },
    {
      title: `${name} with a padding of another word`,
      call: run({ poolSize: 2, padding: 'SAME' }),
      type: RangeError,
      message: `${action}: ${PADDING}, received padding = 'SAME'`,
    },
    {
      title: `${name} with a first window in the padding`,
      call: run({ poolSize: [2, 3], padding: [[2, 0], 0] }),
      type: RangeError,
      message: `${action}: every window of poolSize = [2, 3] must hold a pixel of the image, received padding = [[2, 0], [0, 0]]`,
    },
    {
      title: `${name} with a last window in the padding`,
      call: run({ poolSize: 2, padding: [0, [0, 2]] }),
      type: RangeError,
      message: `${action}: every window of poolSize = [2, 2] must hold a pixel of the image, received padding = [[0, 0], [0, 2]]`,
    },
    {
      title: `${name} of an image smaller than the window`,
      call: run({ poolSize: [6, 2] }),
      type: RangeError,
      message: `${action}: the kernel must fit into the padded input (kernel = [6, 2], dilations = [1, 1], padding = 'valid'), received input size = [5, 4]`,
    },
    {
      title: `${name} of an image without pixels`,
      call: run({ poolSize: 2, padding: 'same' }, () => image(1, 5, 0, 3)),
      type: RangeError,
      message: `${action}: x must have at least one pixel, received x.shape = [1, 5, 0, 3]`,
    },
    {
      title: `${name} with a step that 32 bits cannot count`,
      call: run({ poolSize: 2, strides: 2 ** 29 }),
      type: RangeError,
      message: `${action}: strides must be an integer of at most ${2 ** 29 - 1}, received strides = ${2 ** 29}`,
    },
    {
      title: `${name} of no tensor`,
      call: run({ poolSize: 2 }, () => [1, 2]),
      type: TypeError,
      message: `${action}: x must be a tensor, received x = [1, 2]`,
    },
    {
      title: `${name} of integers`,
      call: () => conv[name](anything(image(1, 5, 4, 3).toInt()), { poolSize: 2 }),
      type: TypeError,
      message: `${action}: x must be a float32 tensor, received x.dtype = 'int32'`,
    },
  ];
});

testRefusals(refusals);
