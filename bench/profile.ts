/** Study: profile of a training step of MobileNetV1. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { networkInputs } from './support/mobilenet.js';
import type { Peers } from './support/peers.js';
import type { PeerName } from './support/question.js';
import type { Study } from './support/study.js';
import { digits, markdownTable } from './support/table.js';
import { storeInputs } from './support/values.js';
import type { StepProfile } from './workers/profile.js';

const NETWORK = { size: 32, batch: 32, alpha: 0.25, classes: 10 } as const;
const SIDES = [
  { name: "this package's layers on wasm", peer: 'wasm', layers: 'own' },
  { name: "this package's layers on tfjs-node", peer: 'tfjs-node', layers: 'own' },
  { name: 'stock layers on tfjs-node', peer: 'tfjs-node', layers: 'stock' },
] as const satisfies readonly { name: string; peer: PeerName; layers: string }[];
/** Kernels listed in separate rows. */
const SHOWN = 14;

type Answer = readonly { readonly name: string; readonly profile?: StepProfile; readonly missing?: string }[];

async function run(peers: Peers, _: unknown, step: () => void): Promise<Answer> {
  const answers = [];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  try {
    const inputs = storeInputs(networkInputs(NETWORK), folder);
    for (const { name, peer: peerName, layers } of SIDES) {
      const peer = await peers.get(peerName, 1);
      if ('missing' in peer) {
        answers.push({ name, missing: peer.missing });
      } else {
        const { alpha, classes } = NETWORK;
        const params = { alpha, classes, layers };
        const reply = await peer.worker.ask({ op: 'prepare', work: 'profile.trainingStep', params, inputs, folder });
        answers.push({ name, profile: reply.data as StepProfile });
        await peer.worker.ask({ op: 'release', id: reply.id! });
      }
      step();
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return answers;
}

function tableOf({ total, kernels }: StepProfile): string {
  const inKernels = kernels.reduce((sum, { ms }) => sum + ms, 0);
  const rest = kernels.slice(SHOWN);
  const sum = (of: (kernel: StepProfile['kernels'][number]) => number): number => rest.reduce((a, b) => a + of(b), 0);
  const row = (name: string, calls: number | undefined, ms: number): string[] => [
    ...[name, calls === undefined ? '' : String(calls)],
    ...[digits(ms), `${((100 * ms) / total).toFixed(0)} %`],
  ];
  const calls = kernels.reduce((a, b) => a + b.calls, 0);
  return markdownTable(
    ['kernel', 'calls', 'ms', 'share'],
    [
      ...kernels.slice(0, SHOWN).map(({ kernel, calls: count, ms }) => row(`\`${kernel}\``, count, ms)),
      ...(rest.length === 0
        ? []
        : [
            row(
              `${rest.length} more kernels`,
              sum((kernel) => kernel.calls),
              sum(({ ms }) => ms),
            ),
          ]),
      row('outside of kernels: layers, engine, gradients', undefined, total - inKernels),
      row('**step**', calls, total),
    ],
  );
}

export const profile: Study = {
  name: 'profile',
  title: `The quickest of several training steps of MobileNetV1 α = ${NETWORK.alpha}, ${NETWORK.size}², batch ${NETWORK.batch}, one thread: each kernel's own time`,
  steps: SIDES.length,
  run,
  report: (answer) => {
    const parts = (answer as Answer).map(({ name, profile: step, missing }) =>
      step === undefined ? `### ${name}\n\nLeft out: ${missing ?? ''}` : `### ${name}\n\n${tableOf(step)}`,
    );
    return Promise.resolve({ text: parts.join('\n\n'), pictures: {} });
  },
};
