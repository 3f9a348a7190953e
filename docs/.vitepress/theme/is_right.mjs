// Compares an answer with that of the exercise.

/** A number as a person writes it: 12,345 or 0.29 or 2/7, with either minus. */
function numberOf(text) {
  const plain = text
    .trim()
    .replaceAll('−', '-')
    .replace(/(?<=\d)[,\s](?=\d{3}(?!\d))/g, '');
  const [, above, below = '1'] = /^(-?\d*\.?\d+)(?:\s*\/\s*(\d*\.?\d+))?$/.exec(plain) ?? [];
  return Number(above) / Number(below);
}

/** @param field of exercises.json: an option's name, or a number within its tolerance, is right */
export function isRight({ options, answer, tolerance = 0 }, text) {
  return options ? text === answer : Math.abs(numberOf(text) - answer) <= tolerance;
}
