// Documents that Explore links to: the article, a notebook and the layer of each convolution. In the site (`--mode site`) the
// article is a page of the guide, and so is the notebook if it was rendered; what is no page there, the page has as a copy.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');

const documents = JSON.parse(read('page/documents.json'));

/** Contents of a copy. Many servers do not name the encoding of text; a byte order mark does. */
const contentsOf = (address, file) => (address.endsWith('.txt') ? `\uFEFF${read(file)}` : read(file));

/** Address of a document, relative to the page. */
function addressOf(file, isSite) {
  const { name, ext } = path.parse(file);
  if (isSite && ext === '.md') return `../convolutions/${name}.html`;
  if (isSite && ext === '.ipynb' && fs.existsSync(path.join(root, `docs/notebooks/${name}.html`))) {
    return `../notebooks/${name}.html`;
  }
  // A notebook is a file to keep; the rest is to be read, so a server must call it text.
  return ext === '.ipynb' ? `source/${file}` : `source/${file}.txt`;
}

/** A plugin of Vite: DOCUMENTS has the addresses by the name of the convolution. */
export function documentsOfPage({ isSite }) {
  const pairs = Object.values(documents).flatMap((entry) =>
    Object.values(entry).map((file) => [addressOf(file, isSite), file]),
  );
  const copies = new Map(pairs.filter(([address]) => !address.startsWith('../')));
  const addresses = Object.entries(documents).map(([name, entry]) => [
    name,
    Object.fromEntries(Object.entries(entry).map(([kind, file]) => [kind, addressOf(file, isSite)])),
  ]);
  return {
    name: 'documents',
    config: () => ({ define: { DOCUMENTS: JSON.stringify(Object.fromEntries(addresses)) } }),
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const address = request.url.slice(1);
        const file = copies.get(address);
        if (file === undefined) next();
        else response.setHeader('Content-Type', 'text/plain').end(contentsOf(address, file));
      });
    },
    generateBundle() {
      for (const [fileName, file] of copies) {
        this.emitFile({ type: 'asset', fileName, source: contentsOf(fileName, file) });
      }
    },
  };
}
