// One configuration for the whole tree: TypeScript strictly and with types, build scripts and configuration
// files with the recommended rules. assembly/ is AssemblyScript, whose dialect TypeScript cannot check: its
// own compiler does, in scripts/build_wasm.mjs.
import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import jsdoc from 'eslint-plugin-jsdoc';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const nodeGlobals = Object.fromEntries(
  ['Buffer', 'URL', 'console', 'globalThis', 'performance', 'process', 'setTimeout', 'clearTimeout'].map((name) => [
    name,
    'readonly',
  ]),
);

export default defineConfig(
  {
    ignores: [
      'dist/',
      'page/dist/',
      'docs/dist/',
      'docs/.vitepress/cache/',
      '.dist-*/',
      'runs/',
      '.native/',
      '.python/',
      '.bench/',
      'assembly/',
      'src/**/generated/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      // A body on a line of its own has braces; `if (x) return;` needs none.
      curly: ['error', 'multi-line'],
      // Every callback may have a parameter `_` that it ignores.
      '@typescript-eslint/no-shadow': ['error', { allow: ['_'] }],
      // A switch counts once, however many cases it has. 15 is what one function can hold and still be read once.
      complexity: ['error', { max: 15, variant: 'modified' }],
      // More than seven arguments are one object with named fields.
      '@typescript-eslint/max-params': ['error', { max: 7 }],
    },
  },
  {
    // Loops over batch, positions, taps and corners, written as the formula is: a call inside them costs time in the
    // kernels, and hides the formula in the oracles.
    files: ['src/ops/**/*.ts', 'test/oracle/**/*.ts'],
    rules: { complexity: ['error', { max: 21, variant: 'modified' }] },
  },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mts', '**/*.cts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-extraneous-class': 'off',
      // Indexing a typed array within checked bounds is what kernels do; noUncheckedIndexedAccess makes each visible.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Functions, classes and types that other files import. A kernel, `export const forward = …`, is documented where its
    // name is; a method by the interface or base class that declares it, if it needs to be.
    files: ['src/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          enableFixer: false,
          require: { ArrowFunctionExpression: true, ClassDeclaration: true, FunctionDeclaration: true },
          contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'],
        },
      ],
      'jsdoc/no-blank-blocks': 'error',
    },
  },
  {
    // Hooks of Preact follow the rules of React's.
    files: ['page/src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    // Handlers of events, `onClick={() => open()}`, give back nothing that anyone reads.
    files: ['**/*.tsx'],
    rules: { '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }] },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: nodeGlobals } },
  {
    // Service workers.
    files: ['page/public/*.js', 'docs/offline_worker.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['addEventListener', 'caches', 'clients', 'fetch', 'location', 'skipWaiting', 'Headers', 'Response', 'URL'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },
  { files: ['docs/.vitepress/theme/*.mjs'], languageOptions: { globals: { navigator: 'readonly' } } },
  {
    // Pages and a server route, with the JSX of React.
    files: ['examples/bundlers/**/*.js'],
    languageOptions: {
      globals: { URL: 'readonly', Response: 'readonly', document: 'readonly' },
      parserOptions: { ecmaFeatures: { jsx: true } },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { ...nodeGlobals, require: 'readonly', module: 'writable', __dirname: 'readonly' },
    },
  },
);
