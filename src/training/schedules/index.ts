/** Learning rate schedules: functions of the number of finished steps. */
export { constant } from './constant.js';
export { cosine, type CosineOptions } from './cosine.js';
export { oneCycle, type OneCycleOptions } from './one_cycle.js';
export { steps, type StepsOptions } from './steps.js';
export { warmUp, type WarmUpOptions } from './warm_up.js';
export type { Schedule } from './schedule.js';
