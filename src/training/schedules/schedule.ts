/** Learning rate as a function of the number of finished steps, from 0. */
export type Schedule = (step: number) => number;
