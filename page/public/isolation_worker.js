// Service worker for hosts that do not send the headers that isolate a page, without which browsers give it no memory that
// threads share. It adds them to the page and its workers. It stores nothing: every request goes to the server.
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Kinds of responses to which the headers apply. */
const DESTINATIONS = ['document', 'worker'];

addEventListener('fetch', (event) => {
  const { request } = event;
  if (DESTINATIONS.includes(request.destination)) event.respondWith(withHeaders(request));
});

async function withHeaders(request) {
  const response = await fetch(request);
  // The browser follows a redirect itself.
  if (response.type === 'opaqueredirect') return response;
  const { status, statusText } = response;
  const headers = new Headers([...response.headers, ...Object.entries(HEADERS)]);
  return new Response(response.body, { status, statusText, headers });
}
