/** The error of an ONNX file that no model of this library computes. */
import { oneLine } from '../../../errors.js';

/** A node that cannot be imported. */
export interface UnimportedNode {
  /** Name of the node, or of its first output if it has none. */
  readonly name: string;
  /** Operator, after its domain if that is not ONNX's own. */
  readonly operator: string;
  readonly reason: string;
}

/** A file with nodes that cannot be imported; `nodes` lists all of them. */
export class OnnxImportError extends Error {
  override readonly name = 'OnnxImportError';

  constructor(
    action: string,
    readonly nodes: readonly UnimportedNode[],
    file: string,
  ) {
    const listed = nodes.slice(0, MOST_SHOWN).map(({ name, operator, reason }) => {
      const text = `'${brief(name)}' (${brief(operator)}): ${reason}`;
      return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    });
    const rest = nodes.length > MOST_SHOWN ? `; and ${nodes.length - MOST_SHOWN} more` : '';
    const rule = `every node must have a layer that computes it (${listed.join('; ')}${rest})`;
    super(oneLine(`Cannot ${action}: ${rule}, received file = '${file}'`));
  }
}

/** Abbreviates a name from a file, which may have any length. */
export function brief(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** Reason why a node has no layer. */
export class NotImportable extends Error {
  override readonly name = 'NotImportable';
}

const MOST_SHOWN = 20;
const LONGEST = 300;
const LONGEST_NAME = 80;
