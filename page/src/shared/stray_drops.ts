/** Ignores files that are dropped where nothing takes them: the browser would leave the page to show them. */

const ignore = (event: DragEvent): void => {
  if (event.defaultPrevented || event.dataTransfer?.types.includes('Files') !== true) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'none';
};

// After all listeners of the document.
addEventListener('dragover', ignore);
addEventListener('drop', ignore);
