// The guide as a static site: the pages of docs/ and those documents of the repository that they lead to. SITE_BASE is the path
// under which a host serves it, '/' unless given.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { exploreCards } from './cards.mjs';
import { emptyHeaders } from './empty_headers.mjs';
import { exerciseChecks } from './exercise_checks.mjs';
import { linksOfSite, sourcesOfSite } from './links.mjs';
import { DOCUMENTS, pageOf, root } from './pages.mjs';
import { sidebar } from './sidebar.mjs';

/** Pages that exist in every language, named from its folder. */
const translated = fs
  .readdirSync(path.join(root, 'docs/ko'), { recursive: true })
  .map((file) => file.replaceAll(path.sep, '/'))
  .filter((file) => file.endsWith('.md'));

const base = process.env.SITE_BASE ?? '/';

const links = (guide, explore, api) => [
  { text: guide.text, link: guide.link, activeMatch: '/convolutions/' },
  { text: explore, link: `${base}page/index.html`, target: '_self' },
  { text: api, link: `${base}api/index.html`, target: '_self' },
];

export default defineConfig({
  title: 'tfjs-convolutions',
  description: 'Every convolution, explained with figures that are computed, and trained in TensorFlow.js.',
  base,
  srcDir: '..',
  outDir: 'dist',
  srcExclude: fs
    .readdirSync(root)
    .filter((name) => name !== 'docs' && !DOCUMENTS.some((file) => file.split('/')[0] === name))
    .map((name) => `${name}/**`)
    .concat(['README.md', '{bench,python,pretrained}/!(*.md)/!(README.md)', 'docs/notebooks/**']),
  rewrites: pageOf,
  head: [['link', { rel: 'icon', href: `${base}page/icon.svg`, type: 'image/svg+xml' }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => md.use(exploreCards).use(exerciseChecks).use(emptyHeaders).use(linksOfSite, base),
  },
  vite: {
    build: { chunkSizeWarningLimit: 2000 },
    // The supported way to replace a part of VitePress's theme.
    resolve: {
      alias: [
        {
          find: /^\.\.?\/composables\/langs$/,
          replacement: fileURLToPath(new URL('theme/langs.mjs', import.meta.url)),
        },
      ],
    },
  },
  buildEnd: ({ outDir }) => sourcesOfSite(outDir),
  locales: {
    root: {
      label: 'English',
      lang: 'en',
      themeConfig: { nav: links({ text: 'Guide', link: '/convolutions/plain' }, 'Explore', 'API') },
    },
    ko: {
      label: '한국어',
      lang: 'ko',
      title: 'tfjs-convolutions',
      description: '모든 합성곱을 코드로 계산한 수치와 함께 설명하고 TensorFlow.js에서 학습합니다.',
      themeConfig: {
        nav: links({ text: '가이드', link: '/ko/convolutions/plain' }, 'Explore', 'API'),
        sidebar: sidebar('ko'),
        outline: { label: '이 페이지 목차' },
        docFooter: { prev: '이전', next: '다음' },
        darkModeSwitchLabel: '화면 모드',
        lightModeSwitchTitle: '라이트 모드로 전환',
        darkModeSwitchTitle: '다크 모드로 전환',
        sidebarMenuLabel: '메뉴',
        returnToTopLabel: '맨 위로',
        langMenuLabel: '언어',
        skipToContentLabel: '본문으로 건너뛰기',
      },
    },
  },
  themeConfig: {
    sidebar: sidebar('en'),
    outline: { level: 2 },
    translated,
    search: {
      provider: 'local',
      options: {
        locales: {
          ko: {
            translations: {
              button: { buttonText: '검색', buttonAriaLabel: '검색' },
              modal: {
                displayDetails: '자세히 보기',
                resetButtonTitle: '검색어 지우기',
                backButtonTitle: '검색 닫기',
                noResultsText: '검색 결과가 없습니다:',
                footer: {
                  selectText: '선택',
                  selectKeyAriaLabel: 'Enter 키',
                  navigateText: '이동',
                  navigateUpKeyAriaLabel: '위쪽 화살표 키',
                  navigateDownKeyAriaLabel: '아래쪽 화살표 키',
                  closeText: '닫기',
                  closeKeyAriaLabel: 'Esc 키',
                },
              },
            },
          },
        },
      },
    },
  },
});
