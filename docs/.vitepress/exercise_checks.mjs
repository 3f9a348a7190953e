// Fields below each exercise of an article that check an answer, with the article's own answer as the reason. In a checkout,
// exercises and answers are plain lists.

const HEADINGS = ['Exercises', '연습 문제'];

/** A plugin of markdown-it; must be used before the one that rewrites links. */
export function exerciseChecks(md) {
  md.core.ruler.push('exercise_checks', ({ tokens, env, Token }) => {
    const article = /(?:^|\/)convolutions\/(\w+)\.md$/.exec(env.relativePath)?.[1];
    const heading = tokens.findIndex(({ type, content }) => type === 'inline' && HEADINGS.includes(content));
    if (article === undefined || heading === -1) return;
    const lists = tokens.flatMap(({ type, level }, at) =>
      at > heading && type === 'ordered_list_open' && level === 0 ? [at] : [],
    );
    const [exercises, answers] = lists.map((at) => itemsOf(tokens, at));
    const block = (content) => Object.assign(new Token('html_block', '', 0), { content });
    exercises.forEach(({ end }, index) => {
      const { start: from, end: to } = answers[index];
      const check = [
        block(`<ExerciseCheck article="${article}" :index="${index}">`),
        ...tokens.slice(from, to).map(copyOf),
        block('</ExerciseCheck>\n'),
      ];
      exercises[index].check = check;
      exercises[index].at = end;
    });
    for (const { at, check } of [...exercises].reverse()) tokens.splice(at, 0, ...check);
  });
}

/** Returns where the content of each item of a list starts and ends. */
function itemsOf(tokens, list) {
  const items = [];
  for (let at = list; tokens[at].type !== 'ordered_list_close' || tokens[at].level !== tokens[list].level; at++) {
    if (tokens[at].level !== tokens[list].level + 1) continue;
    if (tokens[at].type === 'list_item_open') items.push({ start: at + 1, end: at + 1 });
    if (tokens[at].type === 'list_item_close') items.at(-1).end = at;
  }
  return items;
}

/** Copies a token: later plugins change the originals. */
function copyOf(token) {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(token)), token);
  copy.attrs = token.attrs?.map((pair) => [...pair]) ?? null;
  copy.children = token.children?.map(copyOf) ?? null;
  return copy;
}
