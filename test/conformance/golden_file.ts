/**
 * Golden files: `{source, commit, license, cases}`, each case `{name, op, attributes, inputs, expected, cotangent?,
 * atol?, note?}` with tensors `{shape, data}` in row-major order. `expected.y` is the output and `expected.d_NAME` the
 * gradient of ⟨y, cotangent⟩ with respect to input NAME. Everything is NHWC, y before x.
 */
import { OPERATORS, type OperatorForm } from './operators.js';

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface GoldenCase {
  readonly name: string;
  readonly op: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, GoldenTensor>>;
  readonly expected: Readonly<Record<string, GoldenTensor>>;
  readonly cotangent?: GoldenTensor | 'ones';
  /** Absolute tolerance, where it is more than the usual one. */
  readonly atol?: number;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws unless the condition holds. */
function check(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new TypeError(rule);
}

/** The cases of a golden file's text, unchecked themselves; throws where the file is not of this form. */
export function parseGoldenFile(text: string): readonly unknown[] {
  const file: unknown = JSON.parse(text);
  check(isObject(file), 'a golden file must be an object');
  for (const field of ['source', 'commit', 'license']) {
    check(typeof file[field] === 'string', `${field} must be a string`);
  }
  const { cases } = file;
  check(Array.isArray(cases) && cases.length > 0, 'cases must be an array of at least one case');
  return cases as unknown[];
}

/** The name and op of a case, as far as it has them. */
export function titleOf(value: unknown): { name: string; op: string | undefined } {
  if (!isObject(value)) return { name: 'a case', op: undefined };
  return {
    name: typeof value['name'] === 'string' ? value['name'] : 'a case without a name',
    op: typeof value['op'] === 'string' ? value['op'] : undefined,
  };
}

function checkTensor(name: string, value: unknown): asserts value is GoldenTensor {
  check(
    isObject(value) && Array.isArray(value['shape']) && Array.isArray(value['data']),
    `${name} must be {shape, data}`,
  );
  const { shape, data } = value as { shape: unknown[]; data: unknown[] };
  check(
    shape.every((size) => typeof size === 'number' && Number.isInteger(size) && size >= 0),
    `${name}.shape must hold sizes`,
  );
  check(
    data.every((element) => typeof element === 'number'),
    `${name}.data must hold numbers`,
  );
  const size = (shape as number[]).reduce((product, length) => product * length, 1);
  check(data.length === size, `${name}.data must hold ${size} numbers for its shape, received ${data.length}`);
}

function checkNames(what: string, names: readonly string[], known: readonly string[]): void {
  for (const name of names) check(known.includes(name), `${what} must be among ${known.join(', ')}, received ${name}`);
}

/** The case, if it is of this form and of a known operator; otherwise throws what is wrong with it. */
export function checkCase(value: unknown): { golden: GoldenCase; form: OperatorForm } {
  check(isObject(value), 'a case must be an object');
  checkNames('the fields of a case', Object.keys(value), FIELDS);
  const { name, op, attributes, inputs, expected, cotangent, atol } = value;
  check(typeof name === 'string', 'name must be a string');
  const form = typeof op === 'string' ? OPERATORS.get(op) : undefined;
  check(form !== undefined, `op must be a known operator, received ${JSON.stringify(op)}`);
  check(isObject(attributes), 'attributes must be an object');
  checkNames('the attributes', Object.keys(attributes), form.attributes);
  check(isObject(inputs), 'inputs must be an object');
  checkNames('the inputs', Object.keys(inputs), [...form.inputs, ...form.optionalInputs]);
  for (const input of form.inputs) check(input in inputs, `inputs.${input} must be there`);
  for (const [input, tensor] of Object.entries(inputs)) checkTensor(`inputs.${input}`, tensor);
  check(isObject(expected) && Object.keys(expected).length > 0, 'expected must hold at least one tensor');
  const gradients = Object.keys(inputs).filter((input) => !form.constants.includes(input));
  checkNames('the expected tensors', Object.keys(expected), ['y', ...gradients.map((input) => `d_${input}`)]);
  for (const [output, tensor] of Object.entries(expected)) checkTensor(`expected.${output}`, tensor);
  if (cotangent !== undefined && cotangent !== 'ones') checkTensor('cotangent', cotangent);
  check(
    cotangent !== undefined || !Object.keys(expected).some((output) => output !== 'y'),
    'gradients need a cotangent',
  );
  check(atol === undefined || (typeof atol === 'number' && atol >= 0), 'atol must be a number of at least 0');
  return { golden: value as unknown as GoldenCase, form };
}

const FIELDS = ['name', 'op', 'attributes', 'inputs', 'expected', 'cotangent', 'atol', 'note'];
