#!/usr/bin/env node
// Fetches what the tests of ONNX files compare with, from PyPI: the checker of ONNX, and OpenVINO, a runtime without
// DeformConv. All goes into .python/interop (some 250 MB) and nowhere else; Python 3.11 or newer and pip are needed.
//
//   npm run setup -- interop
import { fetchPackages } from './python_packages.mjs';

fetchPackages({
  name: 'interop',
  title: 'OpenVINO',
  packages: ['openvino==2026.4.1', 'onnx==1.23.2', 'numpy==2.4.6'],
  smoke: 'import numpy, onnx.checker, openvino; openvino.Core()',
});
