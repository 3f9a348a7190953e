// Service worker of the site (scripts/offline_worker.mjs fills in version and files). It keeps the guide when that is first
// visited, and everything else once it was seen, so that it works offline. In the page it also adds the two headers that threads
// need, as page/public/isolation_worker.js does on hosts that do not send them.
const FILES = ['%FILES%'];
const SITE = new URL(
  './',
  location.pathname.endsWith('/page/isolation_worker.js') ? new URL('../', location) : location,
);
// Caches belong to the origin, which may have several sites.
const CACHES = `tfjs-convolutions ${SITE.pathname} `;
const CACHE = `${CACHES}%VERSION%`;

addEventListener('install', (event) => {
  event.waitUntil(keepFiles().then(() => skipWaiting()));
});

addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => clients.claim()));
});

addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(SITE.href)) event.respondWith(answer(request));
});

async function keepFiles() {
  const cache = await caches.open(CACHE);
  const known = new Set((await cache.keys()).map(({ url }) => url));
  const missing = FILES.map((file) => new URL(file, SITE).href).filter((url) => !known.has(url));
  await Promise.all(missing.map((url) => keep(cache, url)));
}

/** Some hosts redirect page.html to page; browsers refuse a redirected response for a page. */
async function keep(cache, url) {
  const response = await fetch(url, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`Cannot keep ${url}: the server must have it, received status ${response.status}`);
  const { body, headers, status, statusText } = response;
  await cache.put(url, new Response(body, { status, statusText, headers }));
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(CACHES) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const url = new URL(request.url);
  if (url.pathname.endsWith('/')) url.pathname += 'index.html';
  url.search = '';
  url.hash = '';
  const kept = await cache.match(url.href, { ignoreVary: true });
  const response = kept ?? (await fetch(request));
  // A part of a file, and the browser's own redirects, are passed on.
  if (response.status !== 200) return response;
  if (kept === undefined) await cache.put(url.href, response.clone());
  const isIsolated =
    url.pathname.startsWith(`${SITE.pathname}page/`) && ['document', 'worker'].includes(request.destination);
  return isIsolated ? withHeaders(response) : response;
}

function withHeaders({ body, headers: sent, status, statusText }) {
  const headers = new Headers(sent);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(body, { status, statusText, headers });
}
