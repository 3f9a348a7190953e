/** Panel to export the trained network as files, with the lines that load them. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { download } from '../shared/download.js';
import type { ExportedModel } from './export_model.js';
import type { Worker } from './use_training.js';

interface ExportPanelProps {
  readonly classNames: readonly string[];
  readonly worker: () => Promise<Worker>;
}

export function ExportPanel({ classNames, worker }: ExportPanelProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const [exported, setExported] = useState<ExportedModel>();
  const save = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const { engine } = await worker();
      const made = await engine.exportModel();
      setExported(made);
      const { topology, weights } = made.files;
      download('model.json', new Blob([topology], { type: 'application/json' }));
      download('weights.bin', new Blob([weights as Uint8Array<ArrayBuffer>]));
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <section class="panel" aria-labelledby="export-title">
      <h3 id="export-title">Export</h3>
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      <div class="row">
        <button type="button" onClick={() => void save()}>
          Export the network
        </button>
        <span class="quiet">
          Two files, model.json and weights.bin, for TensorFlow.js, for <code>tfjs-convolutions evaluate</code>, and for
          the import here.
        </span>
      </div>
      {exported && <Loading exported={exported} classNames={classNames} />}
    </section>
  );
}

interface LoadingProps {
  readonly exported: ExportedModel;
  readonly classNames: readonly string[];
}

/** Lines that load the files. */
function Loading({ exported, classNames }: LoadingProps): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const code = linesFor(exported, classNames);
  return (
    <div class="loading-lines">
      <p>
        {exported.isStock
          ? 'TensorFlow.js alone loads them: all layers are its own.'
          : 'They have layers of this package, so a program imports it first.'}
      </p>
      <pre tabIndex={0} aria-label="Lines that load the network">
        <code>{code}</code>
      </pre>
      <button
        type="button"
        onClick={() => {
          void navigator.clipboard.writeText(code).then(() => {
            setCopied(true);
          });
        }}
      >
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

function linesFor({ isStock, preprocessing }: ExportedModel, classNames: readonly string[]): string {
  const { height, width, channels, scale, offset } = preprocessing;
  return [
    "import * as tf from '@tensorflow/tfjs';",
    ...(isStock ? [] : ["import 'tfjs-convolutions';"]),
    '',
    "const model = await tf.loadLayersModel('model.json'); // in Node: loadModel of 'tfjs-convolutions/training'",
    `const classNames = ${JSON.stringify(classNames)};`,
    `// image: an element that is already cropped to the middle, at the ratio ${width} : ${height}`,
    `const pixels = tf.browser.fromPixels(image, ${channels}).resizeBilinear([${height}, ${width}], false, true);`,
    `const x = pixels.mul(${JSON.stringify(scale)}).add(${JSON.stringify(offset)}).expandDims();`,
    'const probabilities = await model.predict(x).data();',
    'console.log(classNames[probabilities.indexOf(Math.max(...probabilities))]);',
  ].join('\n');
}
