/** Captured functions after their WebGL context has been lost; the last test of its page, which has no other context. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { host } from './webgl_host.js';

/** Returns `true`, or the message of the error. */
function attempt(call: () => unknown): unknown {
  try {
    call();
    return true;
  } catch (error) {
    return (error as Error).message;
  }
}

describeBackends(
  'a captured function',
  () => {
    test('does what the function does once the context is lost', async () => {
      const f = (x: tf.Tensor): tf.Tensor => x.square().add(1);
      const captured = conv.capture(f);
      const x = tf.fill([300], 2);
      for (let call = 0; call < 6; call++) expect((await captured(x).data())[0]).toBe(5);
      expect(captured.report().signatures[0]!.reason).toBeUndefined();
      const { gl } = host().gpgpu;
      gl.getExtension('WEBGL_lose_context')!.loseContext();
      expect(gl.isContextLost()).toBe(true);
      expect(attempt(() => captured(x))).toEqual(attempt(() => f(x)));
      expect(attempt(() => captured(tf.ones([7])))).toEqual(attempt(() => f(tf.ones([7]))));
      expect(
        attempt(() => {
          captured.dispose();
        }),
      ).toBe(true);
    });
  },
  { where: ({ name }) => name === 'webgl' },
);
