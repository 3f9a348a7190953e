/** Metrics of one finished epoch. */
export interface EpochRecord {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Mean loss on the training images, while the weights were changing. */
  readonly loss: number;
  /** Accuracy on the training images, from 0 to 1, while the weights were changing. */
  readonly accuracy: number;
  /** Mean loss on the test images after the epoch. */
  readonly testLoss: number;
  /** Accuracy on the test images after the epoch, from 0 to 1. */
  readonly testAccuracy: number;
  /** Learning rate of the epoch's last step. */
  readonly learningRate: number;
  /** Seconds spent on the steps of the epoch, excluding the evaluation. */
  readonly seconds: number;
  /** Means of the metrics of the run on the test images; missing if it has none. */
  readonly metrics?: Readonly<Record<string, number>>;
}
