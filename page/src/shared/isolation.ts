/**
 * Cross-origin isolation, without which browsers give a page no memory that threads share. Two headers of the server isolate
 * it; where they are missing, a service worker adds them the next time that the page is loaded.
 */

/** Resolves with the reason why this page has one thread, and with what helps; undefined if nothing is in the way. */
export const singleThreadReason: Promise<string | undefined> = isolate();

async function isolate(): Promise<string | undefined> {
  if (navigator.hardwareConcurrency === 1) return 'this device has one processor core';
  if (crossOriginIsolated) return undefined;
  if (window !== window.top) return 'a page within another one gets no more';
  const missing = 'this server does not send the headers that more need (COOP and COEP)';
  try {
    await installServiceWorker();
    return `${missing}; reload the page, which now adds them itself`;
  } catch {
    return `${missing}, and the page could not add them itself`;
  }
}

async function installServiceWorker(): Promise<void> {
  await loaded();
  await navigator.serviceWorker.register(new URL('isolation_worker.js', document.baseURI));
  await navigator.serviceWorker.ready;
}

/** The first view comes first. */
async function loaded(): Promise<void> {
  if (document.readyState === 'complete') return;
  await new Promise((resolve) => {
    addEventListener('load', resolve, { once: true });
  });
}
