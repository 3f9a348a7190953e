/**
 * Every layer as an ONNX file on two batch sizes and two image sizes: in onnxruntime, and those with a decomposed form in
 * OpenVINO, which lacks DeformConv; the checker of ONNX accepts all of them.
 */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { LAYERS } from '../../src/layers/registry.js';
import { exportCase, type ExportCase, type ExportedCase } from './support/onnx_exports.js';
import { LAYER_CASES } from './support/onnx_layer_cases.js';
import { REGION_CASES } from './support/onnx_region_cases.js';
import { differenceOfRuns, runFile } from './support/onnx_runtimes.js';
import { checkFiles, openvinoAbsence, type CheckedFile } from './support/openvino.js';

const LARGEST_DIFFERENCE = 1e-4;

/** Of boxes without a pixel, OpenVINO makes NaN in RoiAlign if the box decides on the number of samples. */
const EMPTY_BOXES = ['roiAlign, aligned', 'psRoiAlign, adaptive'];

const regions = new Set(REGION_CASES.map(({ name }) => name).filter((name) => !EMPTY_BOXES.includes(name)));

/** Beside the decomposed layers, what runtimes differ in. */
const MODES = /circular|reflect|replicate|'same'|conv2dTranspose|resiz|upSampling|pooling/i;

/** A form of a model. */
interface Form extends ExportCase {
  readonly form: 'native' | 'decomposed';
}

const all = [...LAYER_CASES, ...REGION_CASES];
const forms: readonly Form[] = [
  ...all.map((each) => ({ ...each, form: 'native' as const })),
  ...all
    .filter(({ deforms }) => deforms)
    .map((each) => ({ ...each, name: `${each.name}, decomposed`, form: 'decomposed' as const })),
];
const exported = new Map<Form, Promise<ExportedCase>>();

/** Exports a form, once for all tests. */
function exportForm(form: Form): Promise<ExportedCase> {
  const known = exported.get(form) ?? exportCase(form, { deformable: form.form });
  exported.set(form, known);
  return known;
}

beforeAll(() => tf.setBackend('cpu'));

describe('exportOnnx()', () => {
  test.each(forms)('gives the outputs of $name in onnxruntime', async (form) => {
    const file = await exportForm(form);
    const outputs = await runFile(ort, file.file, file.inputs);
    expect(differenceOfRuns(outputs, file.outputs)).toBeLessThan(LARGEST_DIFFERENCE);
  });

  test('is tested with every layer of the package', () => {
    const used = new Set(all.flatMap(({ build }) => classNamesIn(build())));
    expect(LAYERS.map(({ className }) => className).filter((name) => !used.has(name))).toEqual([]);
  });
});

const absence = openvinoAbsence();
const suite = absence === undefined ? describe : describe.skip;

suite(absence === undefined ? 'ONNX files [openvino]' : `ONNX files [openvino: skipped, ${absence}]`, () => {
  let results: ReadonlyMap<Form, CheckedFile>;

  beforeAll(async () => {
    const files = [];
    for (const form of forms) {
      const run = form.form === 'decomposed' || regions.has(form.name) || MODES.test(form.name);
      files.push({ exported: await exportForm(form), run });
    }
    const checked = checkFiles(files);
    results = new Map(forms.map((form, index) => [form, checked[index]!]));
  }, 240_000);

  test.each(forms)('$name: the checker accepts it, and OpenVINO gives the same outputs', async (form) => {
    const { problem, runs } = results.get(form)!;
    expect(problem).toBeNull();
    if (runs.length > 0) {
      expect(differenceOfRuns(runs, (await exportForm(form)).outputs)).toBeLessThan(LARGEST_DIFFERENCE);
    }
  });
});

/** Classes of all layers of a model, in nested models too. */
function classNamesIn(model: tf.LayersModel): string[] {
  return model.layers.flatMap((layer) => [
    layer.getClassName(),
    ...(layer instanceof tf.LayersModel ? classNamesIn(layer) : []),
  ]);
}
