/** The input and the classes of an ONNX file, from its header and metadata. */
import { CorruptFileError } from '../errors.js';
import { loadFormat } from '../interop/onnx/load_format.js';
import { readRegularFile } from '../support/regular_file.js';

const ACTION = 'predict';

/** Code of float32 in ONNX. */
const FLOAT32 = 1;

/** The input of a model and the texts of its metadata. */
export interface OnnxHeader {
  readonly input: string;
  /** Sizes of the input's axes; null for one that varies. */
  readonly shape: readonly (number | null)[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the header of an ONNX file.
 *
 * @throws CorruptFileError if it is no ONNX file or does not take images; MissingPackageError
 */
export async function readOnnxHeader(file: string): Promise<OnnxHeader> {
  const fail = (rule: string): never => {
    throw new CorruptFileError(ACTION, rule, file);
  };
  const { fromBinary, ModelProtoSchema } = await loadFormat(ACTION);
  const bytes = new Uint8Array(await readRegularFile(ACTION, file));
  const decode = () => {
    try {
      return fromBinary(ModelProtoSchema, bytes);
    } catch {
      return fail('the file must be a complete ONNX model');
    }
  };
  const { graph, metadataProps } = decode();
  if (graph === undefined || graph.node.length === 0) return fail('the file must be a complete ONNX model');
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !constants.has(name));
  const [input] = inputs;
  const type = input?.type?.value;
  if (inputs.length !== 1 || type?.case !== 'tensorType' || type.value.elemType !== FLOAT32) {
    return fail('the model must have one input, of float32 images');
  }
  const shape = (type.value.shape?.dim ?? []).map(({ value }) => {
    const size = value.case === 'dimValue' ? Number(value.value) : 0;
    return size > 0 ? size : null;
  });
  if (shape.length !== 4) return fail('the model must have one input, of float32 images');
  return {
    input: input!.name,
    shape,
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  };
}
