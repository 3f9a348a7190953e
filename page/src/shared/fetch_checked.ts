/** Fetches a file of the page. */

/**
 * @param what the file for people, such as "The digits"
 * @throws Error if the server does not have it
 */
export async function fetchChecked(address: URL | string, what: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${what} did not load: the server answered ${response.status}.`);
  return response;
}
