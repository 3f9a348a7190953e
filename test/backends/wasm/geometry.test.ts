/** Structures that kernels read: they are written with the fields that assembly/ declares, in the same order. */
import fs from 'node:fs';
import path from 'node:path';
import {
  FIELDS,
  geometryFields,
  GEOMETRY_BYTES,
  readGeometry,
  writeGeometry,
} from '../../../src/backends/wasm/geometry.js';
import { BATCH_NORM_FIELDS } from '../../../src/backends/wasm/batch_norm_operands.js';
import { OPERANDS } from '../../../src/backends/wasm/operands.js';
import { ADAM_FIELDS } from '../../../src/ops/adam_updates/wasm.js';
import { BIN_FIELDS } from '../../../src/ops/roi/plan.js';
import { PLAN_FIELDS } from '../../../src/ops/roi/wasm.js';

/** Returns the names of the fields of a class in assembly/, each 32 bits in size. */
function declaredFields(file: string, name: string): readonly string[] {
  const source = fs.readFileSync(path.join(__dirname, '../../../assembly', file), 'utf8');
  const body = new RegExp(`class ${name} \\{(.*?)\\n\\}`, 's').exec(source)![1]!;
  return [...body.matchAll(/^ {2}(\w+): (?:i32|usize|f32|Geometry);$/gm)].map((match) => match[1]!);
}

test('kernels read the fields that are written, in the same order', () => {
  expect(declaredFields('geometry.ts', 'Geometry')).toEqual(FIELDS);
  expect(declaredFields('operands.ts', 'Operands')).toEqual(OPERANDS);
  expect(declaredFields('batch_norm_operands.ts', 'BatchNorm')).toEqual(BATCH_NORM_FIELDS);
  expect(declaredFields('adam.ts', 'AdamVariable')).toEqual(ADAM_FIELDS);
  expect(declaredFields('roi.ts', 'RoiPlan')).toEqual(PLAN_FIELDS);
  expect(declaredFields('roi.ts', 'Bin')).toHaveLength(BIN_FIELDS);
});

const GEOMETRY = {
  batch: 2,
  inHeight: 3,
  inWidth: 4,
  inChannels: 5,
  outHeight: 6,
  outWidth: 7,
  outChannels: 8,
  kernelHeight: 9,
  kernelWidth: 10,
  strideHeight: 11,
  strideWidth: 12,
  dilationHeight: 13,
  dilationWidth: 14,
  padTop: -15,
  padLeft: 16,
  padBottom: 0,
  padRight: 0,
  groups: 17,
} as const;

describe('readGeometry()', () => {
  it('names the fields that geometryFields() lists', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const fields = geometryFields({ ...GEOMETRY, activation: 'relu' }, 18, true);
    expect(fields).toHaveLength(GEOMETRY_BYTES / 4);
    new Int32Array(memory.buffer, 64).set(fields);
    const g = readGeometry(memory, 64);
    expect(g).toMatchObject({ batch: 2, outChannels: 8, padTop: -15, groups: 17, offsetGroups: 18, gapless: 1 });
    expect(
      Object.entries(GEOMETRY).filter(([name, value]) => name in g && g[name as keyof typeof g] !== value),
    ).toEqual([]);
    writeGeometry(memory, 256, g);
    expect([...new Int32Array(memory.buffer, 256, fields.length)]).toEqual([...fields]);
  });
});
