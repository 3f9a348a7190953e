// VitePress's own theme with fonts of the system, and the worker that keeps the site for offline use.
import DefaultTheme from 'vitepress/theme-without-fonts';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ siteData }) {
    if (!import.meta.env.SSR && import.meta.env.PROD && 'serviceWorker' in navigator) {
      navigator.serviceWorker.register(`${siteData.value.base}offline_worker.js`).catch(() => undefined);
    }
  },
};
