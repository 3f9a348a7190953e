/** The set-ups of docs/bundlers.md and docs/no_bundler.md, built from the packed tarball in a fresh project and opened in Chromium. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { chromiumOptions } from '../browser/chromium_options';
import { createProject, type PackedProject } from './project';

const SETUPS = path.resolve(__dirname, '../../examples/bundlers');
const EXPECTED = 'wasm 5 3 3.5 2';

/** Commands that build a set-up, by the path of a script below node_modules; the import map needs none. */
const BUILDS: Record<string, readonly string[]> = {
  vite: ['vite/bin/vite.js', 'build'],
  webpack: ['webpack/bin/webpack.js', '--config', 'webpack.config.cjs'],
  esbuild: [
    ...['esbuild/bin/esbuild', 'main.js', '--bundle', '--minify', '--format=esm', '--target=es2022'],
    ...['--loader:.wasm=file', '--outdir=dist'],
  ],
  rollup: ['rollup/dist/bin/rollup', '-c', 'rollup.config.mjs'],
};

let project: PackedProject;
let browser: Browser;
let server: http.Server;

beforeAll(async () => {
  project = createProject();
  fs.cpSync(SETUPS, project.directory, { recursive: true });
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(SETUPS, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const packages = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
  run(project.directory, 'npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    ...packages,
    project.tarball,
  ]);
  server = serve(project.directory);
  browser = await chromium.launch(chromiumOptions());
});

afterAll(async () => {
  await browser.close();
  server.close();
  project.remove();
});

describe('docs/bundlers.md and docs/no_bundler.md', () => {
  test('shows the files that are tested here', () => {
    const read = (page: string): string => fs.readFileSync(path.resolve(__dirname, '../../docs', page), 'utf8');
    const page = read('bundlers.md');
    for (const file of [
      'vite/wasm.js',
      'webpack/wasm.js',
      'esbuild/wasm.js',
      'rollup/wasm.js',
      'rollup/rollup.config.mjs',
    ]) {
      expect(page).toContain(fs.readFileSync(path.join(SETUPS, file), 'utf8'));
    }
    expect(read('no_bundler.md')).toContain(fs.readFileSync(path.join(SETUPS, 'import_map/tfjs.js'), 'utf8'));
    expect(page).toContain(fs.readFileSync(path.join(SETUPS, 'next/next.config.mjs'), 'utf8'));
  });

  test.each(['vite', 'webpack', 'esbuild', 'rollup', 'import_map'])('%s: the page computes on wasm', async (name) => {
    const build = BUILDS[name];
    if (build !== undefined) {
      const [script, ...args] = build as [string, ...string[]];
      const tool = path.join(project.directory, 'node_modules', script);
      run(path.join(project.directory, name), process.execPath, [tool, ...args]);
    }
    const { port } = server.address() as AddressInfo;
    const page = await browser.newPage();
    try {
      await page.goto(`http://localhost:${port}/${name}/${name === 'vite' ? 'dist/' : ''}`);
      await page.waitForFunction(() => document.body.textContent.trim() !== '');
      expect(await page.textContent('body')).toBe(EXPECTED);
    } finally {
      await page.close();
    }
  });

  test('next: a server route computes on wasm', async () => {
    const directory = path.join(project.directory, 'next');
    const next = path.join(project.directory, 'node_modules/next/dist/bin/next');
    run(directory, process.execPath, [next, 'build']);
    const child = spawn(process.execPath, [next, 'start', '-p', '0'], { cwd: directory, env: environment() });
    try {
      const response = await fetch(`${await addressOf(child)}/api/convolve`);
      expect(await response.text()).toBe(EXPECTED);
    } finally {
      child.kill();
    }
  });
});

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
}

function run(cwd: string, command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env: environment() });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
}

/** Returns the address at which a started server listens. Its output is read to the end: a server whose output is closed ends. */
async function addressOf(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /http:\/\/localhost:\d+/.exec(output);
      if (found !== null) resolve(found[0]);
    });
    child.on('close', () => {
      reject(new Error(`The server did not start:\n${output}`));
    });
  });
}

/** A folder, as the plainest server has it: no charset, and index.html for a folder. */
function serve(root: string): http.Server {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
  const created = http.createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = path.join(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    if (!fs.existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'application/octet-stream' });
    response.end(fs.readFileSync(file));
  });
  return created.listen(0);
}
