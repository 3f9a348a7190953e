// The table of contents, with the titles that the pages have. A page that is missing here fails the build.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './pages.mjs';

/** Articles, in the order in which they are taught. */
const CONVOLUTIONS = [
  'plain',
  'dilated',
  'transposed',
  'spatially_separable',
  'depthwise',
  'pointwise',
  'depthwise_separable',
  'grouped',
  'deformable',
  'deformable_v3_v4',
  'roi_pooling',
];

/** Pages of docs/, and of the repository, by heading; behind #, a section that readers look for by its name. */
const DOCUMENTATION = {
  Start: [
    'library',
    'library#operators-layers-and-models',
    'library#models',
    'examples',
    'notebooks',
    'command_line',
    'page',
    'recipes',
  ],
  Training: ['training', 'pretrained', 'scale', 'memory', 'half_precision', 'capture'],
  Backends: ['backends', 'support', 'tfjs_node', 'speed', 'bundlers', 'no_bundler', 'tensorflow_gaps'],
  'Other programs': ['keras', 'onnx', 'onnx_import', 'safetensors'],
  Quality: ['accuracy', 'reliability', 'faults', 'architecture', '../CONTRIBUTING', '../CHANGELOG', '../SECURITY'],
};

/** Title of a page, or of its section that is named behind #. */
function titleOf(entry) {
  const [file, anchor] = entry.split('#');
  const text = fs.readFileSync(path.join(root, 'docs', `${file}.md`), 'utf8');
  if (anchor === undefined) return /^# (.+)$/m.exec(text)[1];
  const titles = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const found = titles.find((title) => title.toLowerCase().match(/\w+/g).join('-') === anchor);
  if (found === undefined) throw new Error(`docs/.vitepress/sidebar.mjs must name a section, received ${entry}`);
  return found;
}

const entry = (file) => ({
  text: titleOf(file),
  link: `/${file.replace('../', '').replace(/^[A-Z]+$/, (name) => name.toLowerCase())}`,
});

export function sidebar(language) {
  const folder = language === 'en' ? 'convolutions' : `${language}/convolutions`;
  const convolutions = {
    text: language === 'en' ? 'Convolutions' : '합성곱',
    items: CONVOLUTIONS.map((name) => entry(`${folder}/${name}`)),
  };
  const documentation = Object.entries(DOCUMENTATION).map(([text, files]) => ({
    text,
    items: files.map(entry),
  }));
  checkComplete();
  return [convolutions, ...documentation];
}

function checkComplete() {
  const listed = [
    ...Object.values(DOCUMENTATION).flat(),
    ...CONVOLUTIONS.map((name) => `convolutions/${name}`),
    'index',
  ];
  const pages = ['.', 'convolutions'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, 'docs', folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => path.posix.join(folder, file.slice(0, -'.md'.length))),
  );
  const missing = pages.filter((page) => !listed.includes(page));
  if (missing.length > 0) {
    throw new Error(`docs/.vitepress/sidebar.mjs must list every page, received ${missing.join(', ')}`);
  }
}
