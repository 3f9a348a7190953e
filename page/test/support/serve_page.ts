/** The built page on a static host: compressed, and without headers of its own. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const PAGE = path.resolve(__dirname, '../../dist');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * @param folder path of the page on its host, which starts and ends with a slash
 * @param without files that the host lacks
 */
export async function servePage(folder = '/', without: readonly string[] = []): Promise<ServedPage> {
  const files = new Map(
    fs
      .readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
      .filter((file) => fs.statSync(path.join(PAGE, file)).isFile() && !without.includes(file))
      .map((file) => [`${folder}${file}`, gzipSync(fs.readFileSync(path.join(PAGE, file)))]),
  );
  const server = http.createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const name = pathname === folder ? `${folder}index.html` : pathname;
    const body = files.get(name);
    const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
    response.writeHead(body ? 200 : 404, body ? { 'Content-Type': type, 'Content-Encoding': 'gzip' } : {});
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${folder}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
