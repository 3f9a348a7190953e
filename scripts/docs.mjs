// Writes the documents that programs write.
//
//   npm run docs -- support                  docs/support.md, from the registry
//   npm run docs -- properties               the table of docs/accuracy.md, from a run of the random cases
//   npm run docs -- onnx                     the tables of docs/onnx.md and onnx_import.md, from runs of networks in every runtime
//   npm run docs -- models                   the table of docs/library.md, from the analysis of every network
//   npm run docs -- figures                  docs/images/figures/, the figures of the articles
//   npm run docs -- notebooks                docs/notebooks/: the notebooks, executed, as pages
import { runNamed } from './run_named.mjs';

const TYPESCRIPT = ['--import', 'tsx'];

runNamed('npm run docs', {
  support: [
    ['scripts/build_wasm.mjs', '--if-needed'],
    [...TYPESCRIPT, 'scripts/support_matrix.ts'],
  ],
  properties: [
    ['scripts/build.mjs', '--if-needed'],
    [...TYPESCRIPT, 'scripts/property_table.ts'],
  ],
  onnx: [
    ['scripts/build_wasm.mjs', '--if-needed'],
    [...TYPESCRIPT, 'scripts/onnx_table.ts'],
    [...TYPESCRIPT, 'scripts/import_table.ts'],
  ],
  models: [
    ['scripts/build_wasm.mjs', '--if-needed'],
    [...TYPESCRIPT, 'scripts/write_model_table.ts'],
  ],
  figures: [[...TYPESCRIPT, 'scripts/draw_figures.ts']],
  notebooks: [
    ['scripts/build.mjs', '--if-needed'],
    ['scripts/notebooks.mjs', '--execute', '--html', 'docs/notebooks'],
  ],
});
