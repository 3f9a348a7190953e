/** Calls of captured functions: signatures, nesting, errors and arguments. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { numbers, PLAIN } from './support/numbers.js';

describeBackends(
  'capture()',
  () => {
    test('keeps the eight signatures that were called last', () => {
      const captured = conv.capture((x: tf.Tensor) => x.square());
      for (let size = 1; size < 12; size++) {
        for (let call = 0; call < 3; call++) numbers(() => captured(tf.ones([size])));
      }
      expect(captured.report().signatures.map(({ signature }) => signature.replace(/.*float32/, ''))).toEqual(
        [4, 5, 6, 7, 8, 9, 10, 11].map((size) => `[${size}]`),
      );
      captured.dispose();
    });

    test('works inside a gradient and inside another captured function', () => {
      const square = conv.capture((x: tf.Tensor) => x.square());
      const outer = conv.capture((x: tf.Tensor) => square(x).add(1));
      for (let call = 0; call < 5; call++) {
        expect(numbers(() => outer(tf.scalar(3)))).toEqual([10]);
        expect(numbers(() => square(tf.scalar(2)))).toEqual([4]);
        expect(numbers(() => tf.grad((x: tf.Tensor) => square(x))(tf.scalar(5)))).toEqual([10]);
      }
      expect(outer.report().signatures[0]!.state).toBe('replayed');
      square.dispose();
      outer.dispose();
    });

    test('leaves the engine as it was if the function throws', () => {
      const engine = tf.engine();
      const names = ['runKernel', 'makeTensor', 'makeVariable', 'readSync', 'read'];
      const captured = conv.capture((x: tf.Tensor): tf.Tensor => {
        x.square();
        throw new Error('as it likes');
      });
      const before = tf.memory().numTensors;
      expect(() => captured(tf.scalar(1))).toThrow('as it likes');
      expect(tf.memory().numTensors).toBe(before + 1);
      expect(names.filter((name) => Object.hasOwn(engine, name))).toEqual([]);
    });

    test.each([
      ['f', () => conv.capture(3 as never), 'Cannot capture: f must be a function, received f = 3'],
      [
        'an argument',
        () => conv.capture((x: tf.Tensor) => x)(3 as never),
        'Cannot run a captured function: arguments must be tensors, or lists and objects of them, received argument 0 = 3',
      ],
      [
        'a promise',
        () => conv.capture(((x: tf.Tensor) => Promise.resolve(x)) as never)(tf.scalar(1) as never),
        "Cannot capture: the function must be synchronous, received result = 'a Promise'",
      ],
    ])('refuses a wrong %s', (_, call, message) => {
      expect(call).toThrow(message);
    });

    test("leaves another one's methods of the engine where they are", () => {
      const engine = tf.engine() as unknown as { runKernel: (...given: unknown[]) => unknown };
      const { runKernel } = engine;
      const names: unknown[] = [];
      engine.runKernel = (...given) => {
        names.push(given[0]);
        return runKernel.apply(engine, given);
      };
      const spy = engine.runKernel;
      const captured = conv.capture((x: tf.Tensor) => x.square());
      numbers(() => captured(tf.scalar(3)));
      expect(engine.runKernel).toBe(spy);
      expect(names).toContain('Square');
      Reflect.deleteProperty(engine, 'runKernel');
      captured.dispose();
    });

    test('refuses a call after it has been disposed', () => {
      const captured = conv.capture((x: tf.Tensor) => x);
      captured.dispose();
      captured.dispose();
      expect(() => captured(tf.scalar(1))).toThrow('Cannot run a captured function: it has been disposed');
    });

    test('runs as usual if memory is too short for the replay', async () => {
      const before = tf.getBackend();
      await tf.setBackend('wasm');
      const { wasm } = tf.backend() as unknown as { wasm: { _malloc: (bytes: number) => number } };
      // The first call replaces the module's own stub of the function.
      tf.scalar(0).dispose();
      const { _malloc: malloc } = wasm;
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      const captured = conv.capture((x: tf.Tensor) => x.square().add(x.sqrt()).sum());
      try {
        // The three values in between together; one of them alone still fits.
        wasm._malloc = (bytes) => (bytes > 6000 ? 0 : malloc(bytes));
        for (let call = 0; call < 4; call++) expect(numbers(() => captured(tf.ones([1024])))).toEqual([2048]);
      } finally {
        wasm._malloc = malloc;
        warn.mockRestore();
      }
      expect(captured.report().signatures[0]).toMatchObject({ state: 'ordinary' });
      expect(captured.report().signatures[0]!.reason).toContain('no memory for the replay');
      captured.dispose();
      await tf.setBackend(before);
    });

    test('takes lists and objects of tensors, and returns them', () => {
      const captured = conv.capture(({ a, list }: { a: tf.Tensor; list: tf.Tensor[] }) => ({
        sum: a.add(list[0]!),
        list,
      }));
      for (let call = 0; call < 5; call++) {
        const list = [tf.scalar(call)];
        const { sum, list: same } = captured({ a: tf.scalar(1), list });
        expect([...sum.dataSync()]).toEqual([1 + call]);
        expect(same[0]).toBe(list[0]);
      }
      expect(captured.report().signatures[0]!.state).toBe('replayed');
      captured.dispose();
    });
  },
  PLAIN,
);
