/** Lists the names of files in a sentence. */
export function namesOf(files: readonly File[]): string {
  return files.map(({ name }) => `“${name}”`).join(', ');
}
