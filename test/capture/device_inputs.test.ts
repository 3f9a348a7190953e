/** Arguments, constants and variables of replays on a graphics device, wherever their values lie. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { entryOf, ON_DEVICE, read, variableOf, WARM } from './support/on_device.js';

describeBackends(
  'inputs of a replay on the device',
  () => {
    test('takes arguments of every kind: new, of one element, on the CPU, read before, parts, given twice', async () => {
      const captured = conv.capture((a: tf.Tensor, b: tf.Tensor) =>
        a
          .mul(b)
          .add(tf.scalar(0.5))
          .add(tf.ones([200])),
      );
      const whole = tf.range(0, 800);
      const made: readonly ((call: number) => tf.Tensor)[] = [
        (call) => tf.fill([200], call),
        (call) => tf.range(call, call + 200),
        (call) => tf.slice(whole, [100 * (call % 4)], [200]),
      ];
      const scalars: readonly ((call: number) => tf.Tensor)[] = [
        (call) => tf.scalar(call),
        (call) => tf.scalar(call).square().add(1),
      ];
      for (let call = 0; call < 14; call++) {
        const [a, b] = [made[call % 3]!(call), scalars[call % 2]!(call)];
        const [x, y] = [[...(await a.data())], (await b.data())[0]!];
        expect(await read(captured(a, b))).toEqual(x.map((value) => value * y + 1.5));
        tf.dispose([a, b]);
      }
      const square = conv.capture((a: tf.Tensor, b: tf.Tensor) => a.mul(b));
      for (let call = 0; call < 8; call++) {
        const a = tf.fill([200], call);
        expect((await read(square(a, a)))[7]).toBe(call * call);
        a.dispose();
      }
      expect([captured, square].map((each) => entryOf(each).reason)).toEqual([undefined, undefined]);
      captured.dispose();
      square.dispose();
      whole.dispose();
    });

    test('reads float32 tensors that were cast from other types without a copy', async () => {
      const weight = variableOf(() => tf.fill([200], 0.5));
      const captured = conv.capture((x: tf.Tensor) => x.mul(weight));
      const made: readonly ((call: number) => tf.Tensor)[] = [
        (call) => tf.fill([200], call),
        (call) => tf.fill([200], call, 'int32').add(tf.scalar(0, 'int32')).toFloat(),
        (call) => tf.fill([200], call).greater(8).toFloat(),
      ];
      for (let call = 0; call < 15; call++) {
        // Recorded for float32 alone.
        const x = tf.tidy(() => made[call < WARM + 1 ? 0 : call % 3]!(call));
        if (call === 12) {
          tf.tidy(() => {
            weight.assign(tf.fill([200], 3, 'int32').add(tf.scalar(0, 'int32')).toFloat());
          });
        }
        const want = (await x.data())[7]! * (call < 12 ? 0.5 : 3);
        expect((await read(captured(x)))[7]).toBe(want);
        x.dispose();
      }
      expect(entryOf(captured)).toMatchObject({ state: 'replayed' });
      expect(entryOf(captured).reason).toBeUndefined();
      captured.dispose();
      weight.dispose();
    });

    test('is still repeated after the caller has read a constant that it returns', async () => {
      const captured = conv.capture((x: tf.Tensor) => {
        const constant = tf.tensor1d([1, 2, 3]).square();
        return [x.mul(constant), constant];
      });
      for (let call = 0; call < WARM + 4; call++) {
        const x = tf.fill([3], call);
        const [product, constant] = captured(x) as [tf.Tensor, tf.Tensor];
        expect(await read(product)).toEqual([call, 4 * call, 9 * call]);
        expect(await read(constant)).toEqual([1, 4, 9]);
        x.dispose();
      }
      expect(entryOf(captured)).toMatchObject({ state: 'replayed' });
      expect(entryOf(captured).reason).toBeUndefined();
      captured.dispose();
    });
  },
  ON_DEVICE,
);
