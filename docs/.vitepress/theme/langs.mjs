// VitePress's `useLangs`, except that the language switch stays on the page where that is translated, and leads to the home of
// the language elsewhere. VitePress itself does one or the other for the whole site.
import { computed } from 'vue';
import { useData } from 'vitepress';

const pathOf = (file) => file.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '.html');

export function useLangs({ correspondingLink = false } = {}) {
  const { site, localeIndex, page, theme, hash } = useData();
  const homeOf = (key) => (key === 'root' ? '/' : `/${key}/`);
  const currentLang = computed(() => ({
    label: site.value.locales[localeIndex.value]?.label,
    link: homeOf(localeIndex.value),
  }));
  const localeLinks = computed(() => {
    const file = page.value.relativePath.slice(currentLang.value.link.length - 1);
    const isTranslated = correspondingLink && theme.value.translated.includes(file);
    return Object.entries(site.value.locales)
      .filter(([key]) => key !== localeIndex.value)
      .map(([key, { label }]) => ({
        text: label,
        link: homeOf(key) + (isTranslated ? pathOf(file) + hash.value : ''),
      }));
  });
  return { localeLinks, currentLang };
}
