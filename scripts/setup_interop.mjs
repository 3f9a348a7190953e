#!/usr/bin/env node
// Fetches what the tests of ONNX files need, from PyPI: the checker of ONNX and OpenVINO, a runtime without DeformConv (some
// 250 MB), and the trained networks of RapidOCR (Apache-2.0, 15 MB). All goes into .python/interop and .python/rapidocr and
// nowhere else; Python 3.11 or newer and pip are needed.
//
//   npm run setup -- interop
import { fetchPackages } from './python_packages.mjs';

fetchPackages({
  name: 'interop',
  title: 'OpenVINO',
  packages: ['openvino==2026.4.1', 'onnx==1.23.2', 'numpy==2.4.6'],
  smoke: 'import numpy, onnx.checker, openvino; openvino.Core()',
});

const SMOKE = `
import pathlib, sys
(models,) = [path for path in sys.path if (pathlib.Path(path) / 'rapidocr_onnxruntime' / 'models').is_dir()]
assert len(list((pathlib.Path(models) / 'rapidocr_onnxruntime' / 'models').glob('*.onnx'))) == 3
`;

fetchPackages({
  name: 'rapidocr',
  title: 'RapidOCR',
  packages: ['rapidocr-onnxruntime==1.4.4'],
  isAlone: true,
  smoke: SMOKE,
});
