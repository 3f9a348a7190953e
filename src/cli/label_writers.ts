/** Results of `predict` for images with any number of labels. */
import {
  JsonWriter,
  quoted,
  rounded,
  TableWriter,
  type Prediction,
  type ResultFormat,
  type ResultWriter,
} from './predict_results.js';

/** Creates a writer of files with their labels. */
export function createLabelWriter(format: ResultFormat): ResultWriter {
  if (format === 'json') return new JsonWriter();
  return format === 'csv' ? new LabelCsvWriter() : new TableWriter();
}

/** A list that `train` reads: labels separated by semicolons, and their confidences likewise. */
class LabelCsvWriter implements ResultWriter {
  start(): string {
    return 'file,labels,confidences\n';
  }

  write(predictions: readonly Prediction[]): string {
    return predictions
      .map(({ file, guesses }) => {
        const labels = guesses.map((guess) => guess.class).join(';');
        const confidences = guesses.map(({ confidence }) => rounded(confidence)).join(';');
        return `${quoted(file)},${quoted(labels)},${confidences}\n`;
      })
      .join('');
  }

  end(): string {
    return '';
  }
}
