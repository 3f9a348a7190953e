// Import rules between the parts of src/, and no circles of imports; imports of types count too.
// dependency-cruiser checks it, in `npm run lint`.

/** The parts of src/ from the ground up. Each imports those below it, and of those beside it single files alone. */
const LEVELS = [
  ['errors.ts'],
  ['support/'],
  ['kernel/'],
  ['backends/'],
  ['ops/'],
  ['recompute/', 'geometry/'],
  ['capture/'],
  ['layers/'],
  ['analysis/'],
  ['models/'],
  ['register.ts', 'accelerate_stock_layers.ts', 'use_threads.ts', 'node_util.ts'],
  ['training/'],
  ['plots/', 'interop/'],
  ['cli/'],
  ['index.ts'],
];

/** The adapters that an adapter imports. */
const ADAPTERS = { cpu: [], wasm: [], node: ['wasm/'], webgl: [], webgpu: [] };

/** Files of `part` import nothing of the same folder but `part` itself and what is allowed. */
const rule = (folder, part, allowed) => ({
  name: `${folder}/${part} lies below what it imports, or beside it`,
  severity: 'error',
  from: { path: `^${folder}/${part}` },
  to: { path: `^${folder}/`, pathNot: `^${folder}/(${[part, ...allowed].join('|')})` },
});

module.exports = {
  forbidden: [
    { name: 'circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'file outside of every part',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${LEVELS.flat().join('|')})` },
      to: {},
    },
    ...LEVELS.flatMap((parts, level) => {
      const below = [...LEVELS.slice(0, level).flat(), ...parts.filter((part) => part.endsWith('.ts'))];
      return parts.map((part) => rule('src', part, below));
    }),
    ...Object.entries(ADAPTERS).map(([adapter, others]) => rule('src/backends', `${adapter}/`, others)),
  ],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
