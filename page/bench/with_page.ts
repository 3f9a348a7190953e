/** The built page, served compressed as a static host does, and a Chromium to open it in. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser } from 'playwright-core';
import { chromiumOptions } from '../../test/browser/chromium_options.js';

const PAGE = path.resolve(__dirname, '../dist');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

async function servePage(): Promise<ServedPage> {
  const files = new Map(
    fs
      .readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
      .filter((file) => fs.statSync(path.join(PAGE, file)).isFile())
      .map((file) => [`/${file}`, gzipSync(fs.readFileSync(path.join(PAGE, file)))]),
  );
  const server = http.createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const name = pathname === '/' ? '/index.html' : pathname;
    const body = files.get(name);
    const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
    response.writeHead(body ? 200 : 404, body ? { 'Content-Type': type, 'Content-Encoding': 'gzip' } : {});
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Runs some work with a browser and the address of the page, and ends both. */
export async function withPage<T>(work: (browser: Browser, url: string) => Promise<T>): Promise<T> {
  const server = await servePage();
  try {
    const browser = await chromium.launch(chromiumOptions());
    try {
      return await work(browser, server.url);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}
