/** Names that a JSON text gives twice in one object: `JSON.parse` keeps the last value of each without a word. */

/**
 * Finds a name that is given twice in one object, at any depth.
 *
 * @param json valid JSON
 * @returns the first such name, or undefined
 */
export function repeatedName(json: string): string | undefined {
  const around: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at]!;
    if (character === '{' || character === '[') around.push(new Set());
    else if (character === '}' || character === ']') around.pop();
    else if (character === '"') {
      const end = endOfText(json, at);
      if (isName(json, end)) {
        const name = JSON.parse(json.slice(at, end + 1)) as string;
        const names = around.at(-1)!;
        if (names.has(name)) return name;
        names.add(name);
      }
      at = end;
    }
  }
  return undefined;
}

/** Position of the quote that ends the text which starts at `start`. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}

/** Tests for a colon after the text that ends at `end`. */
function isName(json: string, end: number): boolean {
  let at = end + 1;
  while (' \t\n\r'.includes(json[at] ?? 'x')) at++;
  return json[at] === ':';
}
