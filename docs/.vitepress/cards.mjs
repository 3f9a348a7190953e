// Explore's picture, live, below the link of each article to Explore. In a checkout, the link stands alone.

/** A plugin of markdown-it; must be used before the one that rewrites links. */
export function exploreCards(md) {
  md.core.ruler.push('explore_cards', ({ tokens, env, Token }) => {
    if (!/(?:^|\/)convolutions\/\w+\.md$/.test(env.relativePath)) return;
    for (let index = tokens.length - 1; index >= 0; index--) {
      const address = tokens[index].type === 'inline' ? addressOf(tokens[index]) : undefined;
      if (address === undefined) continue;
      const card = new Token('html_block', '', 0);
      card.content = `<ExploreCard address="${md.utils.escapeHtml(address)}" />\n`;
      // After the paragraph that the link is in.
      tokens.splice(index + 2, 0, card);
    }
  });
}

/** Returns what the first link to Explore of a paragraph names: `plain?stride=2`. */
function addressOf({ children }) {
  const hrefs = children.filter(({ type }) => type === 'link_open').map((token) => token.attrGet('href'));
  return hrefs.map((href) => /page\.md#explore\/(.+)$/.exec(href)?.[1]).find((address) => address !== undefined);
}
