/** Names of the modules of torchvision's and timm's networks, by the layers of the networks of this package. */

/** Libraries whose names are known. */
export const LIBRARIES = ['torchvision', 'timm'] as const;

/**
 * A library whose names are known.
 *
 * @useDeclaredType
 */
export type TorchLibrary = (typeof LIBRARIES)[number];

/** A module of PyTorch. */
export interface TorchModule {
  readonly name: string;
  /** True for a `Linear` module in place of a 1×1 convolution. @default false */
  readonly isLinear?: boolean;
  /** Name of the weight as of a layer of its own, for a layer of several modules: `kernel` of `rate_12_kernel`. */
  readonly weight?: string;
}

/** Finds the module of a weight by its layer and name; undefined for one that the library's network lacks. */
export type FindModule = (layer: string, weight: string) => TorchModule | undefined;

/** A network that at least one of the libraries has. */
interface Network {
  readonly name: string;
  /** A layer that only this network has. */
  readonly layer: string;
  /** Creates the search of a library that has the network, given all layers. */
  readonly modules: Partial<Readonly<Record<TorchLibrary, (layers: ReadonlySet<string>) => FindModule>>>;
}

const conv = (name: string): TorchModule => ({ name });
const linear = (name: string): TorchModule => ({ name, isLinear: true });

/** Finds layers in a table. */
const fromTable = (table: Readonly<Record<string, TorchModule>>): FindModule => {
  const modules = new Map(Object.entries(table));
  return (layer) => modules.get(layer);
};

/** The first result of several searches. */
const firstOf =
  (...searches: readonly FindModule[]): FindModule =>
  (layer, weight) => {
    for (const search of searches) {
      const found = search(layer, weight);
      if (found !== undefined) return found;
    }
    return undefined;
  };

/** Part of an inverted residual block. */
interface BlockPart {
  /** Number of the block, from 0. */
  readonly block: number;
  readonly part: 'expand' | 'depthwise' | 'squeeze_excite' | 'project';
  /** Position of the part among those that the block has. */
  readonly position: number;
  /** Number of parts that the block has. */
  readonly hasExpansion: boolean;
  /** End of the layer's name: of the normalisation, or of a convolution of the squeeze. */
  readonly end: string;
}

const PARTS = ['expand', 'depthwise', 'squeeze_excite', 'project'] as const;
const BLOCK_PART = /^(expanded_conv(?:_(\d+))?|block_(\d+))_(expand|depthwise|squeeze_excite|project)(?:_(\w+))?$/;

/** Takes the name of a layer of an inverted residual block apart. */
function blockPart(layer: string, layers: ReadonlySet<string>): BlockPart | undefined {
  const [, prefix, ofV3, ofV2, part, end = ''] = BLOCK_PART.exec(layer) ?? [];
  if (prefix === undefined) return undefined;
  const has = (each: BlockPart['part']): boolean =>
    layers.has(`${prefix}_${each}`) || (each === 'squeeze_excite' && layers.has(`${prefix}_squeeze_excite_conv`));
  const present = PARTS.filter(has);
  return {
    block: Number(ofV3 ?? ofV2 ?? 0),
    part: part as BlockPart['part'],
    position: present.indexOf(part as BlockPart['part']),
    hasExpansion: has('expand'),
    end,
  };
}

/** torchvision's blocks are numbered through, after the first convolution; so are the parts of each. */
function mobileNetV2OfTorchvision(layers: ReadonlySet<string>): FindModule {
  const others = fromTable({
    Conv1: conv('features.0.0'),
    bn_Conv1: conv('features.0.1'),
    Conv_1: conv('features.18.0'),
    Conv_1_bn: conv('features.18.1'),
    predictions: linear('classifier.1'),
  });
  return firstOf(others, (layer) => {
    const found = blockPart(layer, layers);
    if (found === undefined) return undefined;
    const { block, part, position, end } = found;
    const inside = `features.${block + 1}.conv.${part === 'project' ? '' : `${position}.`}`;
    const index = part === 'project' ? position : 0;
    return conv(`${inside}${end === 'BN' ? index + 1 : index}`);
  });
}

function mobileNetV3OfTorchvision(layers: ReadonlySet<string>): FindModule {
  const last = countBlocks(layers) + 1;
  const others = fromTable({
    conv: conv('features.0.0'),
    conv_bn: conv('features.0.1'),
    conv_1: conv(`features.${last}.0`),
    conv_1_bn: conv(`features.${last}.1`),
    conv_2: linear('classifier.0'),
    logits: linear('classifier.3'),
  });
  return firstOf(others, (layer) => {
    const found = blockPart(layer, layers);
    if (found === undefined) return undefined;
    const inside = `features.${found.block + 1}.block.${found.position}`;
    if (found.part === 'squeeze_excite') return conv(`${inside}.${found.end === 'conv' ? 'fc1' : 'fc2'}`);
    return conv(`${inside}.${found.end === 'bn' ? 1 : 0}`);
  });
}

/** Numbers of blocks of timm's stages; the last convolution of MobileNetV3 is a stage of its own after them. */
const STAGES = { v2: [1, 2, 3, 4, 3, 3, 1], v3Small: [1, 2, 3, 2, 3], v3Large: [1, 2, 3, 4, 2, 3] } as const;

/** timm's blocks are numbered within stages, their parts are named, and their normalisations numbered from 1. */
function blocksOfTimm(layers: ReadonlySet<string>, stages: readonly number[]): FindModule {
  const places = stages.flatMap((count, stage) => Array.from({ length: count }, (_, block) => `${stage}.${block}`));
  return (layer) => {
    const found = blockPart(layer, layers);
    if (found === undefined) return undefined;
    const { block, part, hasExpansion, end } = found;
    const inside = `blocks.${places[block]}`;
    if (part === 'squeeze_excite') return conv(`${inside}.se.conv_${end === 'conv' ? 'reduce' : 'expand'}`);
    const names = hasExpansion
      ? { expand: ['conv_pw', 'bn1'], depthwise: ['conv_dw', 'bn2'], project: ['conv_pwl', 'bn3'] }
      : { expand: [], depthwise: ['conv_dw', 'bn1'], project: ['conv_pw', 'bn2'] };
    return conv(`${inside}.${names[part][end.toLowerCase() === 'bn' ? 1 : 0]}`);
  };
}

function mobileNetV2OfTimm(layers: ReadonlySet<string>): FindModule {
  const others = fromTable({
    Conv1: conv('conv_stem'),
    bn_Conv1: conv('bn1'),
    Conv_1: conv('conv_head'),
    Conv_1_bn: conv('bn2'),
    predictions: linear('classifier'),
  });
  return firstOf(others, blocksOfTimm(layers, STAGES.v2));
}

function mobileNetV3OfTimm(layers: ReadonlySet<string>): FindModule {
  const large = STAGES.v3Large.reduce<number>((sum, count) => sum + count, 0);
  const stages = countBlocks(layers) === large ? STAGES.v3Large : STAGES.v3Small;
  const others = fromTable({
    conv: conv('conv_stem'),
    conv_bn: conv('bn1'),
    conv_1: conv(`blocks.${stages.length}.0.conv`),
    conv_1_bn: conv(`blocks.${stages.length}.0.bn1`),
    conv_2: conv('conv_head'),
    logits: linear('classifier'),
  });
  return firstOf(others, blocksOfTimm(layers, stages));
}

function countBlocks(layers: ReadonlySet<string>): number {
  return [...layers].filter((layer) => /^expanded_conv(_\d+)?_project$/.test(layer)).length;
}

const UNITS = {
  pw1: 'branch2.0',
  dw: 'branch2.3',
  pw2: 'branch2.5',
  shortcut_dw: 'branch1.0',
  shortcut_pw: 'branch1.2',
};

function shuffleNetV2(): FindModule {
  const others = fromTable({
    conv1: conv('conv1.0'),
    conv1_bn: conv('conv1.1'),
    conv5: conv('conv5.0'),
    conv5_bn: conv('conv5.1'),
    predictions: linear('fc'),
  });
  return firstOf(others, (layer) => {
    const [, stage, unit, part, bn] = /^(stage\d)_(\d+)_(pw1|dw|pw2|shortcut_dw|shortcut_pw)(_bn)?$/.exec(layer) ?? [];
    if (part === undefined) return undefined;
    const [branch, index] = UNITS[part as keyof typeof UNITS].split('.');
    return conv(`${stage}.${Number(unit) - 1}.${branch}.${Number(index) + (bn === undefined ? 0 : 1)}`);
  });
}

/** Positions of the fire modules, among which the poolings are counted too. */
const FIRES = { '1.0': [3, 4, 5, 7, 8, 9, 10, 12], '1.1': [3, 4, 6, 7, 9, 10, 11, 12] } as const;

function squeezeNet(layers: ReadonlySet<string>): FindModule {
  // Version 1.0 has its second pooling after the third fire module, 1.1 after the second.
  const positions = FIRES[layers.has('pool4') ? '1.0' : '1.1'];
  const others = fromTable({ conv1: conv('features.0'), conv10: conv('classifier.1') });
  return firstOf(others, (layer) => {
    const [, number, part] = /^fire(\d)_(squeeze|expand)(?:1x1|3x3)$/.exec(layer) ?? [];
    if (part === undefined) return undefined;
    const own = layer.slice(layer.indexOf('_') + 1);
    return conv(`features.${positions[Number(number) - 2]}.${part === 'squeeze' ? part : own}`);
  });
}

function resNeXt50(): FindModule {
  const others = fromTable({ conv1_conv: conv('conv1'), conv1_bn: conv('bn1'), predictions: linear('fc') });
  return firstOf(others, (layer) => {
    const [, stage, block, part, kind] = /^conv(\d)_block(\d+)_(\d)_(conv|bn)$/.exec(layer) ?? [];
    if (kind === undefined) return undefined;
    const inside = `layer${Number(stage) - 1}.${Number(block) - 1}`;
    return conv(part === '0' ? `${inside}.downsample.${kind === 'conv' ? 0 : 1}` : `${inside}.${kind}${part}`);
  });
}

/** Modules of the pyramid's branches, each a convolution and its normalisation. */
const BRANCHES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['point', ['convs.0.0', 'convs.0.1']],
  ['rate_12', ['convs.1.0', 'convs.1.1']],
  ['rate_24', ['convs.2.0', 'convs.2.1']],
  ['rate_36', ['convs.3.0', 'convs.3.1']],
  ['pool', ['convs.4.1', 'convs.4.2']],
  ['project', ['project.0', 'project.1']],
]);

/** The trunk is a classification network without its classifier. */
function deepLabV3(layers: ReadonlySet<string>): FindModule {
  const trunk = layers.has('conv1_conv') ? resNeXt50() : mobileNetV3OfTorchvision(layers);
  const head = fromTable({
    head_conv: conv('classifier.1'),
    head_conv_BN: conv('classifier.2'),
    logits: conv('classifier.4'),
  });
  const pyramid: FindModule = (layer, weight) => {
    const [, branch = '', own = ''] = /^(.+?)_(kernel|gamma|beta|moving_mean|moving_variance)$/.exec(weight) ?? [];
    const [convolution, normalization] = BRANCHES.get(branch) ?? [];
    if (layer !== 'aspp' || convolution === undefined) return undefined;
    return { name: `classifier.0.${own === 'kernel' ? convolution : normalization}`, weight: own };
  };
  return firstOf(head, pyramid, (layer, weight) => {
    const found = trunk(layer, weight);
    return found && conv(`backbone.${found.name.replace(/^features\./, '')}`);
  });
}

const NETWORKS: readonly Network[] = [
  // Before those whose layers its trunk has.
  { name: 'deepLabV3', layer: 'head_conv', modules: { torchvision: deepLabV3 } },
  {
    name: 'mobileNetV2',
    layer: 'bn_Conv1',
    modules: { torchvision: mobileNetV2OfTorchvision, timm: mobileNetV2OfTimm },
  },
  {
    name: 'mobileNetV3',
    layer: 'expanded_conv_project_bn',
    modules: { torchvision: mobileNetV3OfTorchvision, timm: mobileNetV3OfTimm },
  },
  { name: 'shuffleNetV2', layer: 'stage2_1_shortcut_pw', modules: { torchvision: shuffleNetV2 } },
  { name: 'squeezeNet', layer: 'fire2_squeeze1x1', modules: { torchvision: squeezeNet } },
  { name: 'resNeXt50', layer: 'conv2_block1_0_conv', modules: { torchvision: resNeXt50, timm: resNeXt50 } },
];

/** Names of the networks that a library has. */
export function networksOf(library: TorchLibrary): string[] {
  return NETWORKS.filter(({ modules }) => modules[library] !== undefined).map(({ name }) => name);
}

/** Finds the modules of a network by its layers; undefined if the library has no such network. */
export function findModules(library: TorchLibrary, layers: ReadonlySet<string>): FindModule | undefined {
  const network = NETWORKS.find(({ layer }) => layers.has(layer));
  return network?.modules[library]?.(layers);
}
