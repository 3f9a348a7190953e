/** What is committed of the notebooks: all six, as nbformat 4.5 wants them, without outputs. CI executes them. */
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const FOLDER = path.join(ROOT, 'examples/notebooks');

const NAMES = [
  '1_building_blocks',
  '2_mobilenet',
  '3_dilated',
  '4_transposed',
  '5_deformable',
  '6_deformable_roi_pooling',
] as const;

interface Cell {
  readonly id: string;
  readonly cell_type: string;
  readonly source: readonly string[];
  readonly outputs?: readonly unknown[];
  readonly execution_count?: number | null;
}

interface Notebook {
  readonly nbformat: number;
  readonly nbformat_minor: number;
  readonly metadata: { readonly kernelspec: { readonly name: string } };
  readonly cells: readonly Cell[];
}

function read(name: string): Notebook {
  return JSON.parse(fs.readFileSync(path.join(FOLDER, `${name}.ipynb`), 'utf8')) as Notebook;
}

test('examples/notebooks has these notebooks, and docs/notebooks.md lists them', () => {
  const files = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.ipynb'));
  expect(files.sort()).toEqual(NAMES.map((name) => `${name}.ipynb`));
  const page = fs.readFileSync(path.join(ROOT, 'docs/notebooks.md'), 'utf8');
  for (const file of files) expect(page).toContain(`\`${file}\``);
});

describe.each(NAMES)('examples/notebooks/%s.ipynb', (name) => {
  test('is a notebook for the tslab kernel', () => {
    const { nbformat, nbformat_minor: minor, metadata, cells } = read(name);
    expect([nbformat, minor, metadata.kernelspec.name]).toEqual([4, 5, 'tslab']);
    const ids = cells.map(({ id }) => id);
    expect(ids.filter((id) => !/^[\w-]{1,64}$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(cells.map(({ cell_type: type }) => type))).toEqual(new Set(['code', 'markdown']));
  });

  test('is in docs/notebooks.md with its goal', () => {
    const [, goal] = /^\*\*Afterwards\*\* (.+)$/m.exec(read(name).cells[0]!.source.join(''))!;
    const page = fs.readFileSync(path.join(ROOT, 'docs/notebooks.md'), 'utf8');
    const row = page.split('\n').find((line) => line.includes(`(../examples/notebooks/${name}.ipynb)`))!;
    expect(row).toContain(`| ${goal!} `);
  });

  test('has no outputs', () => {
    const code = read(name).cells.filter(({ cell_type: type }) => type === 'code');
    expect(code.length).toBeGreaterThan(3);
    expect(code.map(({ outputs, execution_count: count }) => ({ outputs, count }))).toEqual(
      code.map(() => ({ outputs: [], count: null })),
    );
  });
});
