/** Exercises of the guide: every answer that the site takes for right is computed, and every field has a name in both languages. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { EXERCISE_ANSWERS, type ExerciseAnswer } from './support/exercise_answers';

interface Field {
  readonly label?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly answer: ExerciseAnswer;
  readonly tolerance?: number;
}

const DOCS = path.resolve(__dirname, '../../docs');
const EXERCISES = JSON.parse(fs.readFileSync(path.join(DOCS, '.vitepress/exercises.json'), 'utf8')) as Readonly<
  Record<string, readonly (readonly Field[])[]>
>;

beforeAll(() => tf.setBackend('cpu'));

test('every article has fields for its three exercises, named in both languages', () => {
  const articles = fs.readdirSync(path.join(DOCS, 'convolutions')).map((file) => path.basename(file, '.md'));
  expect(Object.keys(EXERCISES).sort()).toEqual(articles.sort());
  expect(Object.keys(EXERCISE_ANSWERS).sort()).toEqual(articles);
  for (const exercises of Object.values(EXERCISES)) {
    expect(exercises.length).toBe(3);
    for (const { label, options, answer } of exercises.flat()) {
      const texts = options ? Object.values(options) : [label];
      for (const text of texts) expect(Object.keys(text ?? {})).toEqual(['en', 'ko']);
      expect(typeof answer).toBe(options ? 'string' : 'number');
      if (options) expect(Object.keys(options)).toContain(answer);
    }
  }
});

test.each(Object.entries(EXERCISE_ANSWERS))('the answers of %s are what the package computes', (article, compute) => {
  const computed = compute();
  const fields = EXERCISES[article]!;
  expect(computed.map((answers) => answers.length)).toEqual(fields.map(({ length }) => length));
  for (const [exercise, answers] of computed.entries()) {
    for (const [at, answer] of answers.entries()) {
      const { answer: given, tolerance = 1e-9 } = fields[exercise]![at]!;
      if (typeof answer === 'string') expect([exercise + 1, given]).toEqual([exercise + 1, answer]);
      else expect(Math.abs(Number(given) - answer)).toBeLessThanOrEqual(tolerance);
    }
  }
});
