// VitePress's own theme with fonts of the system, the components of the articles, and the worker that keeps the site for offline use.
import DefaultTheme from 'vitepress/theme-without-fonts';
import ExerciseCheck from './exercise_check.vue';
import ExploreCard from './explore_card.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app, siteData }) {
    app.component('ExploreCard', ExploreCard).component('ExerciseCheck', ExerciseCheck);
    if (!import.meta.env.SSR && import.meta.env.PROD && 'serviceWorker' in navigator) {
      navigator.serviceWorker.register(`${siteData.value.base}offline_worker.js`).catch(() => undefined);
    }
  },
};
