/** Saves a blob to the browser's download folder. */
export function download(name: string, contents: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(contents);
  link.download = name;
  link.click();
  // The browser has opened the URL by the next task.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  });
}
