/** A worker on one backend of TensorFlow.js, with this package and the host's own operators and layers. */
import * as tf from '@tensorflow/tfjs';
import { preferredVariant } from '../../src/backends/wasm/loader.js';
import { useThreads } from '../../src/index.js';
import type { Params } from '../support/question.js';
import { now } from './clock.js';
import { convolutions } from './convolutions.js';
import { memory } from './memory.js';
import { networks } from './networks.js';
import { peak } from './peak.js';
import { profile } from './profile.js';
import { refuse, serve, type Input, type PreparedWork, type Result } from './serve.js';
import type { Works } from './work.js';

const WORKS: Works = { ...convolutions, ...networks, ...peak, ...memory, ...profile };

async function main(backend: string): Promise<void> {
  tf.env().set('PROD', true);
  if (backend === 'tensorflow') await import('@tensorflow/tfjs-node');
  const threads = Number(process.env['BENCH_THREADS'] ?? '1');
  if (backend === 'wasm' && threads > 1) useThreads(threads);
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} did not start`);
  serve(versionsOf(backend), prepare);
}

function versionsOf(backend: string): Record<string, string> {
  const versions: Record<string, string> = { 'TensorFlow.js': tf.version.tfjs };
  if (backend === 'wasm') versions['wasm kernels'] = preferredVariant();
  if (backend === 'tensorflow') {
    const { binding } = tf.backend() as unknown as { binding: { TF_Version: string } };
    versions['tfjs-node'] = `${tf.version.tfjs} on TensorFlow ${binding.TF_Version}`;
  }
  return versions;
}

async function prepare(name: string, inputs: Readonly<Record<string, Input>>, params: Params): Promise<PreparedWork> {
  const make = WORKS[name];
  if (make === undefined) throw new Error(`there is no work ${name}`);
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([key, { values, shape }]) => [key, tf.tensor(values, [...shape])]),
  );
  const work = await make(tensors, params);
  return {
    results: read((work.check ?? runOnce)()),
    run: () => {
      work.before?.();
      // These backends return when the result is there; nothing is left to wait for.
      const start = now();
      const results = work.run();
      const elapsed = now() - start;
      tf.dispose(results);
      return work.measure?.() ?? elapsed;
    },
    release: () => {
      work.release?.();
      tf.dispose(tensors);
    },
    data: work.data,
  };

  function runOnce(): tf.Tensor[] {
    work.before?.();
    return work.run();
  }
}

function read(tensors: tf.Tensor[]): Result[] {
  const results = tensors.map((tensor, index) => ({
    name: `r${index}`,
    values: Float32Array.from(tensor.dataSync()),
    shape: tensor.shape,
  }));
  tf.dispose(tensors);
  return results;
}

main(process.argv[2]!).catch(refuse);
