/** Arguments of captured functions: tensors that the function knows from elsewhere, given twice, or disposed. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';

let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => {
  warn.mockRestore();
});

/** Calls a captured function and returns its numbers. */
function numbers(call: () => tf.Tensor): number[] {
  return tf.tidy(() => [...call().dataSync()]);
}

const state = (captured: { report: () => conv.CaptureReport }): unknown => captured.report().signatures[0]!.state;

function squareAndDispose(x: tf.Tensor): unknown {
  const y = x.square();
  x.dispose();
  return y;
}

describeBackends(
  'arguments of capture()',
  () => {
    test('another variable is given in place of one that was given in every recording', () => {
      const variables = [1, 10].map((value) => tf.variable(tf.scalar(value)));
      const captured = conv.capture((x: tf.Variable) => {
        x.assign(x.add(1));
        return x.mul(2);
      });
      for (let call = 0; call < 4; call++) numbers(() => captured(variables[0]!));
      expect(state(captured)).toBe('replayed');
      expect(numbers(() => captured(variables[1]!))).toEqual([22]);
      expect(variables.map((variable) => variable.dataSync()[0])).toEqual([5, 11]);
      captured.dispose();
      tf.dispose(variables);
    });

    test('its argument is the variable that it assigns', () => {
      const counter = tf.variable(tf.scalar(1));
      const captured = conv.capture((x: tf.Tensor) => {
        counter.assign(counter.add<tf.Scalar>(1));
        return x.mul(10);
      });
      const call = (): number[] => numbers(() => captured(tf.scalar(3)));
      for (let count = 0; count < 6; count++) expect(call()).toEqual([30]);
      expect(state(captured)).toBe('replayed');
      expect(numbers(() => captured(counter))).toEqual([80]);
      expect(call()).toEqual([30]);
      expect(counter.dataSync()[0]).toBe(9);
      expect(state(captured)).toBe('replayed');
      captured.dispose();
      counter.dispose();
    });

    test('its argument is no longer the tensor that it also reads from outside', () => {
      const outside = tf.scalar(2);
      const captured = conv.capture((x: tf.Tensor) => x.mul(10).add(outside));
      for (let call = 0; call < 4; call++) expect(numbers(() => captured(outside))).toEqual([22]);
      for (let call = 0; call < 4; call++) expect(numbers(() => captured(tf.scalar(call)))).toEqual([10 * call + 2]);
      expect(state(captured)).toBe('replayed');
      captured.dispose();
      outside.dispose();
    });

    test('tells a tensor that is given twice from two tensors', () => {
      const captured = conv.capture((a: tf.Tensor, b: tf.Tensor) => a.mul(10).add(b));
      for (let call = 0; call < 4; call++) {
        const x = tf.scalar(call);
        expect(numbers(() => captured(x, x))).toEqual([11 * call]);
        expect(numbers(() => captured(tf.scalar(1), tf.scalar(call)))).toEqual([10 + call]);
      }
      expect(captured.report().signatures.map(({ state: each }) => each)).toEqual(['replayed', 'replayed']);
      captured.dispose();
    });

    test('refuses a disposed argument as the function does', () => {
      const captured = conv.capture((x: tf.Tensor) => x.square());
      for (let call = 0; call < 4; call++) numbers(() => captured(tf.scalar(call)));
      const x = tf.scalar(1);
      x.dispose();
      expect(() => captured(x)).toThrow('Tensor is disposed');
      captured.dispose();
    });

    test.each([
      ['disposes its argument', squareAndDispose, 'it disposes an argument'],
      [
        'returns an object of a class',
        (x: tf.Tensor): unknown => new Map([['y', tf.keep(x.square())]]),
        'an object of a class',
      ],
    ])('runs a function as usual that %s', (_, f, reason) => {
      const captured = conv.capture(f);
      for (let call = 0; call < 6; call++) {
        const x = tf.scalar(call);
        const result = captured(x) as tf.Tensor | Map<string, tf.Tensor>;
        const y = result instanceof Map ? result.get('y')! : result;
        expect(y.dataSync()[0]).toBe(call ** 2);
        expect(x.isDisposed).toBe(y === result);
        tf.dispose([x, y]);
      }
      expect(captured.report().signatures[0]!.reason).toContain(reason);
      captured.dispose();
    });
  },
  { where: ({ name, variant }) => variant === undefined && ['cpu', 'wasm'].includes(name) },
);
