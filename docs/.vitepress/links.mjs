// Links of the documents, which are relative to their files so that they work in a checkout, as links of the site. What is no
// page becomes a copy under source/, as text, notebooks as files to keep. `page.md#explore/…` is a state of the page: here it opens there.
import fs from 'node:fs';
import path from 'node:path';
import { isPage, pageOf, root } from './pages.mjs';

const sources = new Set();

/** A plugin of markdown-it. */
export function linksOfSite(md, base) {
  md.core.ruler.push('links_of_site', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === 'link_open') rewrite(token, env, base);
      if (token.type === 'image' && token.attrGet('src').includes('images/figures/')) token.attrSet('class', 'figure');
    }
  });
}

function rewrite(token, env, base) {
  const href = decodeURI(token.attrGet('href'));
  if (/^(?:[a-z]+:|#)/.test(href)) return;
  const [, name, hash = ''] = /^([^#]*)(#.*)?$/.exec(href);
  const file = path
    .relative(root, path.resolve(path.dirname(env.realPath ?? env.path), name))
    .replaceAll(path.sep, '/');
  if (!fs.existsSync(path.join(root, file))) {
    throw new Error(`Cannot link from ${env.path}: the file must exist, received ${href}`);
  }
  const leave = (to) => {
    token.attrSet('href', `${base}${to}`);
    // Outside the guide, whose router would look for a page.
    token.attrSet('target', '_self');
  };
  const readme = path.posix.join(file, 'README.md');
  if (file === 'README.md') token.attrSet('href', `/${hash}`);
  else if (file === 'docs/page.md' && /^#(?:explore|see|train)\b/.test(hash)) leave(`page/index.html${hash}`);
  else if (isPage(file)) token.attrSet('href', `/${pageOf(file).replace(/(^|\/)index\.md$/, '$1')}${hash}`);
  else if (isPage(readme)) token.attrSet('href', `/${pageOf(readme).replace(/index\.md$/, '')}${hash}`);
  else if (renderedNotebook(file)) leave(`notebooks/${path.basename(file, '.ipynb')}.html`);
  else {
    sources.add(file);
    leave(isFolder(file) ? `source/${file}/index.html` : copyOf(file));
    if (isNotebook(file)) token.attrSet('download', '');
  }
}

const isNotebook = (file) => file.endsWith('.ipynb');

/** Path of the copy of a file in the site. */
const copyOf = (file) => `source/${file}${isNotebook(file) ? '' : '.txt'}`;

/** `npm run docs -- notebooks` may have been run before. */
const renderedNotebook = (file) =>
  isNotebook(file) && fs.existsSync(path.join(root, 'docs/notebooks', `${path.basename(file, '.ipynb')}.html`));

const isFolder = (file) => fs.statSync(path.join(root, file)).isDirectory();

/** Writes the files that the pages link to, and lists of the files of folders. */
export function sourcesOfSite(outDir) {
  const copy = (file) => {
    const target = path.join(outDir, copyOf(file));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    // Many servers do not name the encoding of text; a byte order mark does.
    const mark = isNotebook(file) ? '' : '\uFEFF';
    fs.writeFileSync(target, mark + fs.readFileSync(path.join(root, file), 'utf8'));
  };
  for (const file of sources) {
    if (!isFolder(file)) {
      copy(file);
      continue;
    }
    const names = fs.readdirSync(path.join(root, file), { withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { name } of names) copy(`${file}/${name}`);
    const items = names.map(({ name }) => {
      const href = encodeURIComponent(path.posix.basename(copyOf(`${file}/${name}`)));
      return `<li><a href="${href}">${name}</a></li>`;
    });
    const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${file}</title><h1>${file}</h1><ul>${items.join('')}</ul></html>\n`;
    fs.mkdirSync(path.join(outDir, 'source', file), { recursive: true });
    fs.writeFileSync(path.join(outDir, 'source', file, 'index.html'), html);
  }
}
