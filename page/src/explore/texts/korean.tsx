/** Texts of the picture in Korean, with the terms of the Korean articles. Numbers have counters, so that particles fit any of them. */
import type { Place } from 'tfjs-convolutions/geometry';
import { WORKER_FAULTS, type WorkerFault } from '../../engine/worker_faults.js';
import type { ActName, ConvolutionTitle } from '../model/convolution.js';
import type { CellMap, MapTitle } from '../model/maps.js';
import { formatExact, formatNumber } from '../model/numbers.js';
import type { DilatedTitle, KernelTitle } from '../model/stage.js';
import { Key } from '../view/key.js';
import type { Texts } from './english.js';

const CONVOLUTIONS: Readonly<Record<ConvolutionTitle, string>> = {
  Plain: '일반 합성곱',
  Dilated: '팽창 합성곱',
  Transposed: '전치 합성곱',
  Depthwise: '깊이별 합성곱',
  'Pointwise (1×1)': '점별 합성곱(1×1)',
  'Depthwise separable': '깊이별 분리 합성곱',
  'Spatially separable': '공간 분리 합성곱',
  Grouped: '그룹 합성곱',
  Deformable: '변형 가능 합성곱',
  'Deformable RoI pooling': '변형 가능 RoI 풀링',
};

const MAPS: Readonly<Record<MapTitle, string>> = {
  Input: '입력',
  Output: '출력',
  Middle: '중간',
  'After layer 1': '첫 층 출력',
  'After layer 2': '둘째 층 출력',
};

const KERNELS: Readonly<Record<Exclude<KernelTitle, DilatedTitle>, string>> = {
  Kernel: '커널',
  'Column kernel': '세로 커널',
  'Row kernel': '가로 커널',
  'Depthwise kernel': '깊이별 커널',
  'Pointwise kernel': '점별 커널',
};

const ACTS: Readonly<Record<ActName, string>> = {
  depthwise: '깊이별',
  pointwise: '점별',
  'first kernel': '첫 번째 커널',
  'second kernel': '두 번째 커널',
};

const FAULTS: Readonly<Record<WorkerFault, string>> = {
  [WORKER_FAULTS.notLoaded]: '스크립트를 불러오지 못했습니다.',
  [WORKER_FAULTS.silent]: '스크립트가 응답하지 않습니다.',
  [WORKER_FAULTS.ended]: '브라우저가 계산을 중단했습니다. 메모리가 부족했을 수 있습니다.',
};

const isDilated = (title: KernelTitle): title is DilatedTitle => title.startsWith('Kernel, dilation ');

const kernelName = (title: KernelTitle): string =>
  isDilated(title) ? `커널(팽창률 ${title.split(' ').at(-1)!})` : KERNELS[title];

const isKnownFault = (reason: string): reason is WorkerFault => Object.hasOwn(FAULTS, reason);

/** A cell, counted from 1. */
const at = ([y, x]: Place): string => `${y + 1}행 ${x + 1}열`;

const taps = ([height, width]: Place): string => `탭 ${height} × ${width}개`;

const cells = ([height, width]: Place): string => `${height} × ${width}칸`;

const some = (count: number, all: number): string => (count === all ? `${all}개 모두` : `${all}개 가운데 ${count}개`);

const moved = (down: number, right: number): string =>
  `아래로 ${formatNumber(down)}칸, 오른쪽으로 ${formatNumber(right)}칸`;

const KEYS = '화살표 키로 움직이고, Page Up과 Page Down 키로 다른 것을 고릅니다.';

const channelOf = ({ title, channels }: CellMap, channel: number): string =>
  channels === 1 ? MAPS[title] : `${MAPS[title]}, 채널 ${channel + 1}(전체 ${channels}개)`;

export const KOREAN: Texts = {
  convolution: (title) => CONVOLUTIONS[title],
  picture: '그림',
  cell: (cell, words) => `${at(cell)}${words === undefined ? '' : `: ${words}`}`,
  gradient: '기울기',

  map: {
    name: (title) => MAPS[title],
    output: (map, channel) => `${channelOf(map, channel)}, ${cells(map.size)}. 화살표 키로 칸을 고릅니다.`,
    blank: (map, channel) => `${channelOf(map, channel)}, 아직 계산하지 않았습니다.`,
    input: (map, channel, padding) =>
      `${channelOf(map, channel)}, ${cells(map.size)}${padding === undefined ? '' : `, 둘레의 패딩 ${padding}칸`}.`,
    unread: '선택한 출력 채널은 이 채널을 읽지 않습니다.',
    noneRead: '선택한 출력 칸은 여기에서 아무 칸도 읽지 않습니다.',
    read: (count, list) =>
      list === undefined
        ? `선택한 출력 칸은 여기에서 ${count}칸을 읽습니다.`
        : `선택한 출력 칸이 여기에서 읽는 ${count}칸(행, 열): ${list}.`,
    channels: (title) => `${MAPS[title]}의 채널. 화살표 키로 고릅니다.`,
    channel: (title, channel, isUsed, group) =>
      `${MAPS[title]}, 채널 ${channel + 1}${isUsed ? '' : ', 쓰지 않음'}${group === undefined ? '' : `, 그룹 ${group + 1}`}`,
  },

  kernel: {
    name: kernelName,
    label: (title, size, between, used) =>
      `${kernelName(title)}, ${taps(size)}${between === undefined ? '' : `, ${between}`}. 그중 ${used}개를 씁니다.`,
    between: (input, output) => `채널 ${input + 1} → 채널 ${output + 1}`,
    notConnected: (between) => `${between}: 연결되어 있지 않아 가중치가 없습니다.`,
    weight: '가중치',
  },

  products: {
    title: '곱',
    ofChannel: (channel) => `채널 ${channel + 1}`,
    label: (size) => `곱(값 × 가중치), ${taps(size)}`,
    none: '곱 없음',
    all: '곱을 모두 더하면',
    some: (count, all) => (count === all ? `${all}개를 모두 더하면` : `${all}개 가운데 ${count}개를 더하면`),
  },

  acts: {
    title: '단계',
    all: '두 단계를 한꺼번에',
    name: (act) => ACTS[act],
  },

  play: {
    title: '출력 칸을 차례로 계산하기',
    back: '이전 칸',
    play: '재생',
    pause: '일시 정지',
    on: '다음 칸',
    speed: '속도',
    speeds: { rising: '점점 빠르게', products: '곱 하나씩', cells: '한 칸씩', fast: '빠르게' },
    loop: '반복',
  },

  reading: ({ input, output, cell, channel, cells: read, channels, outside, hasKernel, hasTapNumbers }) => (
    <>
      <Key of="chosen" /> {MAPS[output.title]}의 {at(cell)} 칸{output.channels === 1 ? '' : `(채널 ${channel + 1})`}은{' '}
      {MAPS[input.title]} 칸 {input.size[0] * input.size[1]}개 가운데 <Key of="read" /> {read}개를
      {input.channels === 1 ? '' : ` 채널 ${some(channels, input.channels)}에서`}{' '}
      {outside > 0 ? `읽고, ${hasKernel ? '탭' : '샘플'} ${outside}개는 패딩에 걸칩니다.` : '읽습니다.'}
      {hasTapNumbers ? ' 칸의 숫자는 커널의 몇 번째 탭이 그 칸을 읽는지 나타냅니다.' : ''}
    </>
  ),
  feeding: (cell, count) => (
    <>
      입력의 {at(cell)} 칸은 <Key of="fed" /> 출력 칸 {count}개에 쓰입니다.
    </>
  ),
  photo: '사진: Rachel Michetti, CC0. 검은색은 −9, 중간 회색은 0, 흰색은 9입니다.',

  backward: {
    show: '역전파: 기울기 보기',
    meaning:
      '입력값이나 가중치가 변할 때 선택한 출력이 얼마나 변하는지 나타냅니다. 입력 칸에는 그 칸을 읽은 가중치가, 가중치 자리에는 그 가중치가 읽은 값이 들어갑니다.',
    tap: ({ offset: [down, right], mask }) => {
      const ofMask = mask === undefined ? '' : `, 마스크의 기울기는 ${formatExact(mask)}`;
      return `선택한 탭에서 오프셋의 기울기는 아래로 ${formatExact(down)}, 오른쪽으로 ${formatExact(right)}${ofMask}입니다. 화살표는 모든 탭의 오프셋 기울기를 나타냅니다.`;
    },
  },

  tap: {
    title: '선택한 탭',
    help: '점을 끌거나, 점에 초점을 두고 화살표 키로 움직이세요. 여기서는 모든 출력 칸의 오프셋이 같지만, 학습된 층은 칸마다 따로 예측합니다.',
    tap: '탭',
    at,
    down: '아래로 이동',
    right: '오른쪽으로 이동',
    mask: (mask) => `마스크 ${formatNumber(mask)}`,
    reset: '모든 탭 되돌리기',
    handle: (tap, [down, right]) => `${at(tap)}의 탭: ${moved(down, right)} 이동. ${KEYS}`,
    reads: (read) => {
      const list = read.map(({ cell, weight }) => `${at(cell)} × ${weight}`).join('; ');
      return list === '' ? '탭이 바깥에 있어 아무것도 읽지 않습니다.' : `탭이 읽는 칸: ${list}.`;
    },
    closeUp: ([y, x], value) =>
      `${formatNumber(y + 1)}행 ${formatNumber(x + 1)}열에서 칸과 칸 사이의 값을 읽습니다. 가운데가 가까운 칸일수록 더 많이 반영합니다.${value === undefined ? '' : ` 읽은 값은 ${formatNumber(value)}입니다.`}`,
  },

  bin: {
    title: '선택한 빈',
    help: '빈이나 상자의 모서리를 끌거나, 초점을 두고 화살표 키로 움직이세요. Faster R-CNN에서는 완전 연결 층이 풀링된 상자를 보고 오프셋을 예측합니다.',
    down: '아래쪽 오프셋',
    right: '오른쪽 오프셋',
    reset: '모든 빈 되돌리기',
    moves: (bin, [down, right]) =>
      `${at(bin)}의 빈은 γ · 상자 크기 · 오프셋만큼 움직입니다. 아래로 ${down}칸, 오른쪽으로 ${right}칸입니다.`,
    handle: (bin) => `${at(bin)}의 빈. ${KEYS}`,
    corners: {
      upperLeft: '왼쪽 위 모서리',
      upperRight: '오른쪽 위 모서리',
      lowerLeft: '왼쪽 아래 모서리',
      lowerRight: '오른쪽 아래 모서리',
    },
    corner: (corner, down, right) => `상자의 ${corner}, ${moved(down, right)}. ${KEYS}`,
  },

  pen: (cell, hasInk) =>
    `펜, ${at(cell)}: ${hasInk ? '칠한 칸' : '칠하지 않은 칸'}. 화살표 키로 움직이고, 스페이스 키로 칠하거나 지웁니다.`,

  rule: (name, isWhole, [min, max], value) =>
    `${name}: ${min}부터 ${max}까지의 ${isWhole ? '정수' : '수'}를 입력하세요. 그림의 값은 그대로 ${value}입니다.`,

  trouble: {
    late: '계산이 평소보다 훨씬 오래 걸립니다. 결과를 계속 기다리고 있습니다.',
    failed: (reason) =>
      isKnownFault(reason) ? (
        `계산하지 못했습니다. ${FAULTS[reason]}`
      ) : (
        <>
          계산하지 못했습니다. <span lang="en">{reason}</span>
        </>
      ),
    retry: '다시 시도',
    onWasm: 'wasm으로 계산하기',
  },
};
