// Checks the links of a built site: every file of it that a page names must exist, and every anchor of another page.
import fs from 'node:fs';
import path from 'node:path';

/** Returns one line for each link to a file or an anchor that does not exist. */
export function deadLinks(site, base) {
  const files = fs
    .readdirSync(site, { recursive: true })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => file.endsWith('.html'));
  const pages = new Map(files.map((file) => [file, fs.readFileSync(path.join(site, file), 'utf8')]));
  const anchors = new Map();
  const anchorsOf = (file) => {
    if (!anchors.has(file)) anchors.set(file, idsOf(pages.get(file)));
    return anchors.get(file);
  };
  const dead = [];
  for (const [file, html] of pages) {
    // The page makes its own addresses, from what stands behind #.
    for (const href of new Set(linksOf(html))) {
      const { pathname, hash } = new URL(href, `http://site${base}${file}`);
      const name = decodeURI(pathname.slice(base.length)).replace(/(^|\/)$/, '$1index.html');
      const isInside = pathname.startsWith(base) && fs.existsSync(path.join(site, name));
      if (!isInside) dead.push(`${file} links to ${href}, which does not exist`);
      else if (hash !== '' && pages.has(name) && !isOwnAddress(name) && !hasAnchor(anchorsOf(name), hash.slice(1))) {
        dead.push(`${file} links to ${href}, which has no such heading`);
      }
    }
  }
  return dead;
}

/** An anchor may be written as it stands in the address, or decoded; browsers look for either, in this order. */
const hasAnchor = (anchors, fragment) => anchors.has(fragment) || anchors.has(decodeURIComponent(fragment));

const isOwnAddress = (name) => name === 'page/index.html';

function linksOf(html) {
  const markup = html.replace(/<script\b[^>]*>.*?<\/script>/gs, (script) => script.slice(0, script.indexOf('>')));
  return [...markup.matchAll(/<[^>]*\s(?:href|src)="([^"]*)"/g)]
    .map(([, href]) => href.replaceAll('&amp;', '&'))
    .filter((href) => href !== '' && !/^(?:[a-z]+:|\/\/)/.test(href));
}

const idsOf = (html) => new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => id));
