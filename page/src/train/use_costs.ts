/** Cost of the listed networks for the chosen images, computed by the package in the worker. */
import { useEffect, useState } from 'preact/hooks';
import type { Form } from './form.js';
import { DIGIT_SIDE, type NetworkName } from './network_list.js';
import type { NetworkCost } from './protocol.js';
import type { TrunkChoice } from './trunks.js';
import type { Worker } from './use_training.js';

/** The list works without costs; a worker that does not start is reported elsewhere. */
const ignored = (): undefined => undefined;

/** Costs of the networks with random weights; undefined until they are known. */
export function useCosts(
  { data, size, classes }: Form,
  worker: () => Promise<Worker>,
): Readonly<Record<NetworkName, NetworkCost>> | undefined {
  const [costs, setCosts] = useState<Readonly<Record<NetworkName, NetworkCost>>>();
  const [side, channels, count] = data === 'digits' ? [DIGIT_SIDE, 1, 10] : [size, 3, Math.max(2, classes.length)];
  useEffect(() => {
    let open = true;
    worker()
      .then(({ engine }) => engine.costs(side, channels, count))
      .then((found) => {
        if (open) setCosts(found);
      }, ignored);
    return () => {
      open = false;
    };
  }, [side, channels, count, worker]);
  return costs;
}

/** Costs of pretrained networks, as far as they are known. */
export function useTrunkCosts(
  trunks: readonly TrunkChoice[],
  classes: number,
  worker: () => Promise<Worker>,
): ReadonlyMap<TrunkChoice, NetworkCost> {
  const [costs, setCosts] = useState<ReadonlyMap<TrunkChoice, NetworkCost>>(new Map());
  const count = Math.max(2, classes);
  const isShown = trunks.length > 0;
  useEffect(() => {
    if (!isShown) return;
    let open = true;
    worker()
      .then(({ engine }) =>
        Promise.all(trunks.map(async (trunk) => [trunk, await engine.trunkCost(trunk, count)] as const)),
      )
      .then((found) => {
        if (open) setCosts(new Map(found));
      }, ignored);
    return () => {
      open = false;
    };
  }, [isShown, trunks, count, worker]);
  return costs;
}
