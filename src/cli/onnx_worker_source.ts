/**
 * Source of a worker that runs an ONNX file, as text, so that bundlers need not resolve a file. onnxruntime blocks the
 * thread that calls it, so every thread has a session of its own, which computes on that thread alone.
 */

/** Images for a worker. */
export interface OnnxRequest {
  readonly id: number;
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

/** Answer to a request, or to the start, whose number is −1. */
export interface OnnxAnswer {
  readonly id: number;
  readonly values?: Float32Array;
  readonly shape?: readonly number[];
  readonly failed?: string;
}

export const ONNX_WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const ort = require(workerData.library);
const options = { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1 };
const opened = ort.InferenceSession.create(workerData.file, options);

async function answer(id, work) {
  try {
    parentPort.postMessage({ id, ...(await work(await opened)) });
  } catch (error) {
    parentPort.postMessage({ id, failed: String(error && error.message || error) });
  }
}

answer(-1, () => ({}));
parentPort.on('message', ({ id, pixels, shape }) =>
  answer(id, async (session) => {
    const [output] = session.outputNames;
    const results = await session.run({ [workerData.input]: new ort.Tensor('float32', pixels, shape) }, [output]);
    const { data, dims } = results[output];
    return { values: Float32Array.from(data), shape: [...dims] };
  }),
);
`;
