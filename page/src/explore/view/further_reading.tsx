/** Links to the article, a notebook and the source of a convolution, in tabs of their own: a training here goes on. */
import type { JSX } from 'preact';

/** Addresses by the name of the convolution; the build fills them in, page/documents.mjs. */
declare const DOCUMENTS: Readonly<Record<string, Readonly<Record<'article' | 'notebook' | 'source', string>>>>;

/** Name of the file that an address has a copy of. */
const nameOf = (address: string): string => address.replace(/^.*\/|\.txt$/g, '');

export function FurtherReading({ name }: { readonly name: string }): JSX.Element {
  const { article, notebook, source } = DOCUMENTS[name]!;
  const isFile = notebook.endsWith('.ipynb');
  return (
    <nav class="further" aria-label="Further reading">
      <span class="quiet">In a new tab:</span>
      <a href={article} target="_blank">
        Article with exercises
      </a>
      <a href={notebook} target="_blank" download={isFile}>
        {isFile ? 'Notebook (file)' : 'Notebook'}
      </a>
      <a href={source} target="_blank">
        Source, {nameOf(source)}
      </a>
    </nav>
  );
}
