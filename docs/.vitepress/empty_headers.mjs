// Cells of a header without text, above the names of the rows, become ordinary cells: a reader of the screen would announce an
// empty header for each row.

/** A plugin of markdown-it. */
export function emptyHeaders(md) {
  md.core.ruler.push('empty_headers', ({ tokens }) => {
    for (const [index, { type, content }] of tokens.entries()) {
      if (type !== 'inline' || content !== '' || tokens[index - 1]?.type !== 'th_open') continue;
      tokens[index - 1].tag = 'td';
      tokens[index + 1].tag = 'td';
    }
  });
}
