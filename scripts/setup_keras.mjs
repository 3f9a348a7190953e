#!/usr/bin/env node
// Fetches Keras from PyPI for the tests that compare with it: Keras, HDF5 for Python, and JAX, which convolves for the
// NumPy backend of Keras; and safetensors, which reads checkpoints. All goes into .python/ (some 600 MB) and nowhere else;
// Python 3.11 or newer and pip are needed.
//
//   npm run setup -- keras
import { fetchPackages } from './python_packages.mjs';

fetchPackages({
  name: 'keras',
  title: 'Keras',
  packages: ['keras==3.15.0', 'h5py==3.16.0', 'jax==0.10.2', 'jaxlib==0.10.2', 'numpy==2.4.6', 'safetensors==0.8.0'],
  smoke:
    'import h5py, keras, safetensors.numpy; keras.ops.conv(keras.ops.ones((1, 2, 2, 1)), keras.ops.ones((1, 1, 1, 1)))',
  env: (folder) => ({ KERAS_BACKEND: 'numpy', KERAS_HOME: folder }),
});
