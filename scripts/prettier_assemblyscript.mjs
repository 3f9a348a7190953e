// Lets Prettier format assembly/: AssemblyScript is TypeScript but for decorators on functions (`@inline`), which the
// TypeScript parser refuses. To the parser such a line is a comment of the same length; Prettier prints comments from
// the original text, so the decorator comes out unharmed.
import { parsers } from 'prettier/plugins/typescript';

const { typescript } = parsers;
const DECORATOR = /^([ \t]*)@(\w+)$/gm;

export default {
  parsers: {
    assemblyscript: {
      ...typescript,
      parse: (text, options) =>
        typescript.parse(
          text.replace(DECORATOR, (_, indent, name) => `${indent}//${name.slice(1)}`),
          options,
        ),
    },
  },
};
