/** Addresses of one test digit of each class, which the page brings as pictures. */
export const DIGIT_SAMPLES: readonly string[] = Array.from(
  { length: 10 },
  (_, digit) => `./models/digits/${digit}.png`,
);
