// Fetches what npm does not bring; each program says what it fetches, into which folder, and what it needs.
//
//   npm run setup -- native                  makes tfjs-node work
//   npm run setup -- keras                   Keras, for the tests that compare with it
//   npm run setup -- cluster                 PyTorch, for the tests of training on many processes
//   npm run setup -- interop                 OpenVINO, the checker of ONNX and trained networks, for the tests of ONNX files
//   npm run setup -- notebooks               Jupyter, for examples/notebooks
//   npm run setup -- emoji                   drawings, for the networks of pretrained/
//   npm run setup -- bench [PEER…]           what the benchmarks compare with
import { runNamed } from './run_named.mjs';

runNamed('npm run setup', {
  native: [['scripts/setup_native.mjs']],
  keras: [['scripts/setup_keras.mjs']],
  cluster: [['scripts/setup_cluster.mjs']],
  interop: [['scripts/setup_interop.mjs']],
  notebooks: [['scripts/setup_notebooks.mjs']],
  emoji: [['scripts/setup_emoji.mjs']],
  bench: [['bench/setup.mjs']],
});
