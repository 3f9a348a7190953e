/** Replays on a graphics device: the calls of the kernels are repeated, and nothing of a recording is frozen or left over. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { SGD } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, expectSameBits } from '../support/compare.js';
import { entryOf, kernelsOf, ON_DEVICE, read, variableOf, WARM } from './support/on_device.js';

describeBackends(
  'a replay on the device',
  ({ name }) => {
    test('runs no kernel', () => {
      const weight = variableOf(() => tf.ones([3, 3, 3, 4]));
      const rule = new SGD({ learningRate: 0.1, momentum: 0.9 });
      const step = conv.capture((x: tf.Tensor) =>
        rule.minimize(
          () =>
            conv
              .conv2d(x as tf.Tensor4D, weight as tf.Tensor4D)
              .square()
              .mean(),
          true,
          [weight],
        )!,
      );
      const images = tf.randomUniform([8, 16, 16, 3]);
      const batch = (call: number): tf.Tensor => images.slice([call % 4, 0, 0, 0], [2, 16, 16, 3]);
      for (let call = 0; call < WARM; call++) tf.tidy(() => step(batch(call)));
      for (let call = 0; call < 4; call++) {
        const x = batch(call);
        expect(
          kernelsOf(() => {
            step(x).dispose();
          }),
        ).toEqual([]);
        x.dispose();
      }
      step.dispose();
      rule.dispose();
      tf.dispose([weight, images]);
    });

    test('reads variables as they are: assigned in between, shared, read on the CPU', async () => {
      const state = variableOf(() => tf.zeros([150]));
      const captured = conv.capture((x: tf.Tensor) => {
        state.assign(state.mul(2).add(x));
        return state.sum();
      });
      let want = 0;
      const step = async (): Promise<void> => {
        const x = tf.scalar(1);
        want = 2 * want + 1;
        expect(await read(captured(x))).toEqual([150 * want]);
        x.dispose();
      };
      for (let call = 0; call < 6; call++) await step();
      tf.tidy(() => {
        state.assign(tf.fill([150], 3));
      });
      want = 3;
      await step();
      await step();
      const copy = state.clone();
      const before = want;
      await step();
      expect((await read(copy))[0]).toBe(before);
      await step();
      expect((await state.data())[149]).toBe(want);
      await step();
      tf.tidy(() => {
        state.assign(state.add(1));
      });
      want++;
      await step();
      expect((await state.data())[0]).toBe(want);
      expect(entryOf(captured).reason).toBeUndefined();
      captured.dispose();
      state.dispose();
    });

    test('computes live attributes anew: the keys of dropout, learning rates', async () => {
      const make = (): { f: (x: tf.Tensor) => tf.Tensor[]; rule: SGD; weight: tf.Variable } => {
        const dropout = conv.layers.dropout({ rate: 0.4, seed: 5 });
        const weight = variableOf(() => tf.ones([300]));
        const rule = new SGD({ learningRate: 0.5 });
        return {
          rule,
          weight,
          f: (x) => {
            const y = dropout.apply(x, { training: true }) as tf.Tensor;
            return [y, rule.minimize(() => weight.mul(y).sum(), true, [weight])!];
          },
        };
      };
      const [usual, other] = [make(), make()];
      const captured = conv.capture(other.f);
      const x = tf.ones([300]);
      for (let call = 0; call < 12; call++) {
        for (const { rule } of [usual, other]) if (call > 7) rule.learningRate = 0.5 / call;
        const [want, got] = [tf.tidy(() => usual.f(x)), captured(x)];
        await expectSameBits(got[0]!, want[0]!, `dropped ${call}`);
        await expectSameBits(other.weight, usual.weight, `weight ${call}`);
        tf.dispose([...want, ...got]);
      }
      expect(entryOf(captured)).toMatchObject({ state: 'replayed' });
      expect(entryOf(captured).reason).toBeUndefined();
      captured.dispose();
      tf.dispose([x, usual.weight, other.weight]);
    });

    test('stays apart from other captured functions, other sizes and ordinary kernels', async () => {
      const state = variableOf(() => tf.zeros([12, 12]));
      const grow = conv.capture((x: tf.Tensor) => {
        const y = tf.matMul(x, state.add<tf.Tensor2D>(1));
        state.assign(state.add(0.25));
        return y.sum();
      });
      const view = conv.capture((x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, state.square() as tf.Tensor2D).sum());
      let value = 0;
      for (let call = 0; call < 9; call++) {
        for (const rows of [12, 20]) {
          const x = tf.ones([rows, 12]);
          expect((await read(grow(x)))[0]).toBeCloseTo(rows * 144 * (value + 1), 1);
          value += 0.25;
          expect((await read(view(x)))[0]).toBeCloseTo(rows * 144 * value ** 2, 1);
          // From the pool that the backend also takes results of replays from.
          const junk = tf.tidy(() =>
            tf
              .fill([12, 12], NaN)
              .add(x.slice([0, 0], [12, 12]))
              .mul(2),
          );
          junk.dispose();
          x.dispose();
        }
      }
      expect((await state.data())[0]).toBe(value);
      for (const each of [grow, view]) {
        expect(each.report().signatures.map(({ state: is, reason }) => [is, reason])).toEqual([
          ['replayed', undefined],
          ['replayed', undefined],
        ]);
        each.dispose();
      }
      state.dispose();
    });

    test('gives results that later calls leave alone', async () => {
      const captured = conv.capture((x: tf.Tensor) => [x.square(), x.reshape([10, 20]), x.reshape([200]).neg()]);
      const results: tf.Tensor[][] = [];
      const xs = Array.from({ length: 9 }, (_, call) => tf.fill([200], call));
      for (const x of xs) results.push(captured(x));
      for (const [call, [square, shaped, negative]] of results.entries()) {
        expect(shaped!.shape).toEqual([10, 20]);
        for (const [tensor, want] of [
          [square!, call * call],
          [shaped!, call],
          [negative!, -call],
        ] as const) {
          expect(new Set(await tensor.data())).toEqual(new Set([want]));
        }
      }
      tf.dispose([...xs, ...results.flat()]);
      captured.dispose();
    });

    test('holds no more memory after many replays, and none when disposed', async () => {
      const backend = tf.backend() as unknown as {
        readonly bufferManager?: { getNumUsedBuffers(): number };
        readonly textureManager: { getNumUsedTextures(): number };
        numDataIds(): number;
      };
      const weight = variableOf(() => tf.ones([3, 3, 3, 4]));
      const rule = new SGD({ learningRate: 0.001, momentum: 0.9 });
      const x = tf.randomUniform([2, 16, 16, 3]);
      await x.data();
      const step = conv.capture((given: tf.Tensor) =>
        rule.minimize(
          () =>
            conv
              .conv2d(given as tf.Tensor4D, weight as tf.Tensor4D)
              .square()
              .mean(),
          true,
          [weight],
        )!,
      );
      const used = (): unknown[] => {
        const { numTensors, numBytes, numDataBuffers } = tf.memory();
        const { numBytesInGPU } = tf.memory() as unknown as { numBytesInGPU: number };
        const memory = backend.bufferManager?.getNumUsedBuffers() ?? backend.textureManager.getNumUsedTextures();
        return [numTensors, numBytes, numDataBuffers, numBytesInGPU, memory, backend.numDataIds()];
      };
      const sequence = async (calls: number): Promise<void> => {
        for (let call = 0; call < calls; call++) await read(step(x));
      };
      // One ordinary call leaves the optimizer's state.
      await sequence(1);
      const without = used();
      await sequence(24);
      const warm = used();
      await sequence(200);
      expect(used()).toEqual(warm);
      step.dispose();
      // The webgpu backend frees memory when it submits.
      await read(x.square());
      expect(used()).toEqual(without);
      rule.dispose();
      tf.dispose([weight, x]);
    });

    test('runs kernel by kernel where one reads values back, and says so', async () => {
      const kernelName = 'ReadsBack';
      tf.registerKernel({
        kernelName,
        backendName: name,
        kernelFunc: ({ inputs, backend }) => {
          const host = backend as unknown as {
            readSync(id: object): Float32Array;
            makeTensorInfo(shape: number[], dtype: string, values: Float32Array): tf.TensorInfo;
          };
          return host.makeTensorInfo(
            [3],
            'float32',
            host.readSync(inputs['x']!.dataId).map((value) => value + 1),
          );
        },
      });
      const captured = conv.capture((x: tf.Tensor) => tf.engine().runKernel<tf.Tensor>(kernelName, { x }));
      for (let call = 0; call < 8; call++) {
        const x = tf.tensor1d([call, 1, 2]);
        expect(await read(captured(x))).toEqual([call + 1, 2, 3]);
        x.dispose();
      }
      tf.unregisterKernel(kernelName, name);
      expect(entryOf(captured)).toMatchObject({
        state: 'replayed',
        reason: 'kernel by kernel: a kernel reads values back',
      });
      captured.dispose();
    });

    test('records again after a failure', async () => {
      const kernelName = 'Fails';
      let failures = 0;
      const square = tf.getKernel('Square', name);
      tf.registerKernel({
        ...square,
        kernelName,
        kernelFunc: (given) => {
          if (failures-- > 0) throw new Error('no memory');
          return square.kernelFunc(given);
        },
      });
      const captured = conv.capture((x: tf.Tensor) => tf.engine().runKernel<tf.Tensor>(kernelName, { x }));
      const x = tf.fill([200], 3);
      const call = async (): Promise<void> => {
        expect((await read(captured(x)))[7]).toBe(9);
      };
      for (let calls = 0; calls < WARM - 2; calls++) await call();
      failures = 1;
      await call();
      expect(entryOf(captured).reason).toBe('kernel by kernel: no memory');
      for (let calls = 0; calls < 3; calls++) await call();
      expect(entryOf(captured).reason).toBeUndefined();
      expect(
        kernelsOf(() => {
          captured(x).dispose();
        }),
      ).toEqual([]);
      tf.unregisterKernel(kernelName, name);
      captured.dispose();
      x.dispose();
    });

    test('runs kernel by kernel while it is profiled', async () => {
      const captured = conv.capture((x: tf.Tensor) => x.square().add(1));
      const x = tf.fill([200], 3);
      for (let call = 0; call < WARM + 1; call++) captured(x).dispose();
      const { kernelNames } = await tf.profile(() => captured(x));
      expect(kernelNames).toEqual(expect.arrayContaining(['Square', 'Add']));
      expect((await read(captured(x)))[0]).toBe(10);
      captured.dispose();
      x.dispose();
    });

    test('ends with its backend, and starts again with the next one of that name', async () => {
      const again = `${name}-again`;
      const { registryFactory } = tf.engine() as unknown as { registryFactory: Record<string, { factory: never }> };
      tf.copyRegisteredKernels(name, again);
      const captured = conv.capture((x: tf.Tensor) => x.mul(2).add(tf.fill([200], 1)));
      for (let life = 0; life < 2; life++) {
        tf.registerBackend(again, registryFactory[name]!.factory);
        await tf.setBackend(again);
        for (let call = 0; call < WARM + 1; call++) {
          const x = tf.fill([200], call);
          expect((await read(captured(x)))[3]).toBe(2 * call + 1);
          x.dispose();
        }
        await tf.setBackend(name);
        tf.removeBackend(again);
      }
      expect(entryOf(captured).reason).toBeUndefined();
      captured.dispose();
    });

    test('agrees with the function on integers, truth values and empty tensors', async () => {
      const f = (x: tf.Tensor): tf.Tensor[] => [
        x.greater(0),
        x.toInt().add(tf.scalar(3, 'int32')),
        tf.concat([x, tf.zeros([0])]),
        x.slice([0], [0]),
        tf.where(x.greater(1), x, tf.zerosLike(x)),
      ];
      const captured = conv.capture(f);
      for (let call = 0; call < 6; call++) {
        const x = tf.range(-100 + call, 100 + call).div(7);
        const [want, got] = [tf.tidy(() => f(x)), captured(x)];
        expect(got.map(({ dtype, shape }) => [dtype, shape])).toEqual(want.map(({ dtype, shape }) => [dtype, shape]));
        for (const [index, tensor] of got.entries()) await expectClose(tensor, want[index]!, 1e-6, `${call}/${index}`);
        tf.dispose([x, ...want, ...got]);
      }
      captured.dispose();
    });
  },
  ON_DEVICE,
);
