// VitePress's own theme with our colours. Documentation that is not translated stays English: its Korean address leads home.
import DefaultTheme from 'vitepress/theme-without-fonts';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ router, siteData }) {
    router.onBeforeRouteChange = (to) => {
      const { base, locales } = siteData.value;
      const page = to.replace(/[?#].*$/, '').slice(base.length);
      const { translated } = siteData.value.themeConfig;
      if (!locales.ko || !/^ko\/.+[^/]$/.test(page) || translated.includes(page)) return undefined;
      setTimeout(() => router.go(`${base}ko/`));
      return false;
    };
    if (!import.meta.env.SSR && import.meta.env.PROD && 'serviceWorker' in navigator) {
      navigator.serviceWorker.register(`${siteData.value.base}offline_worker.js`).catch(() => undefined);
    }
  },
};
