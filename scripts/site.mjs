// Builds the site into docs/dist: the guide, the page under page/, the API reference under api/ and the notebooks under
// notebooks/, to download or, if they have been executed, to read. Static files for any web server; a dead link fails.
//
//   npm run site [-- --base /path/on/the/server/] [--notebooks]
//   --notebooks: executes the notebooks first, which takes minutes (npm run setup -- notebooks)
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deadLinks } from './dead_links.mjs';
import { root } from './freshness.mjs';
import { writeOfflineWorker } from './offline_worker.mjs';

const site = path.join(root, 'docs/dist');
const { base, notebooks: isExecuting } = parseArgs({
  options: { base: { type: 'string', default: '/' }, notebooks: { type: 'boolean', default: false } },
}).values;
if (!/^\/(?:.*\/)?$/.test(base)) {
  console.error(`Cannot build the site: --base must begin and end with a slash, received '${base}'`);
  process.exit(1);
}

const run = (module, args, env = {}) => {
  const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } };
  const { status } = spawnSync(process.execPath, [path.join(root, 'node_modules', module), ...args], options);
  if (status !== 0) process.exit(1);
};

const step = (name, make) => {
  const start = performance.now();
  make();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
};

execFileSync(process.execPath, ['scripts/build.mjs', '--if-needed'], { cwd: root, stdio: 'inherit' });
if (isExecuting) {
  step('notebooks', () => {
    const words = ['scripts/notebooks.mjs', '--execute', '--html', 'docs/notebooks'];
    execFileSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
  });
}
step('guide', () => {
  run('vitepress/bin/vitepress.js', ['build', 'docs'], { SITE_BASE: base });
});
step('API reference', () => {
  run('typedoc/bin/typedoc', ['--options', 'docs/typedoc.json', '--logLevel', 'Warn']);
});
step('page', () => {
  run('vite/bin/vite.js', ['build', '--config', 'page/vite.config.mjs', '--mode', 'site', '--logLevel', 'warn']);
  fs.cpSync(path.join(root, 'page/dist'), path.join(site, 'page'), { recursive: true });
});
const notebooks = path.join(root, 'docs/notebooks');
if (fs.existsSync(notebooks)) fs.cpSync(notebooks, path.join(site, 'notebooks'), { recursive: true });
step('offline worker', () => {
  writeOfflineWorker(site);
});
step('links', () => {
  const dead = deadLinks(site, base);
  for (const line of dead) console.error(line);
  if (dead.length > 0) process.exitCode = 1;
});
