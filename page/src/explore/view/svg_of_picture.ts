/** The picture as one SVG file: all drawings where they are on the page, with their titles and with styles of their own. */

const SVG = 'http://www.w3.org/2000/svg';

/** Properties that style sheets set, and that a file needs for itself. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
] as const;

/** Attributes that only serve the page. */
const LIVE = ['class', 'tabindex', 'role', 'data-cell', 'aria-selected', 'aria-describedby', 'aria-hidden'] as const;

const MARGIN = 12;

function styledCopy(original: SVGElement): SVGElement {
  const copy = original.cloneNode(true) as SVGElement;
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  [original, ...original.querySelectorAll<SVGElement>('*')].forEach((element, index) => {
    const style = getComputedStyle(element);
    for (const name of LIVE) copies[index]!.removeAttribute(name);
    for (const name of STYLES) copies[index]!.setAttribute(name, style.getPropertyValue(name));
  });
  return copy;
}

/** @param maps element that holds the drawings */
export function svgOfPicture(maps: HTMLElement): string {
  const frame = maps.getBoundingClientRect();
  const file = document.createElementNS(SVG, 'svg');
  const [width, height] = [frame.width + 2 * MARGIN, frame.height + 2 * MARGIN].map(Math.ceil);
  const sizes = { viewBox: `0 0 ${width!} ${height!}`, width, height };
  for (const [name, value] of Object.entries(sizes)) file.setAttribute(name, String(value));
  const ground = document.createElementNS(SVG, 'rect');
  const colour = getComputedStyle(maps.closest('.panel')!).backgroundColor;
  for (const [name, value] of Object.entries({ width, height, fill: colour })) ground.setAttribute(name, String(value));
  file.append(ground);
  for (const drawing of maps.querySelectorAll<SVGSVGElement>('figure > svg, .legend > svg')) {
    const { x, y, width: wide, height: high } = drawing.getBoundingClientRect();
    const copy = styledCopy(drawing);
    const place = { x: x - frame.x + MARGIN, y: y - frame.y + MARGIN, width: wide, height: high };
    for (const [name, value] of Object.entries(place)) copy.setAttribute(name, String(value));
    file.append(copy);
  }
  for (const caption of maps.querySelectorAll<HTMLElement>('figcaption, .legend > span, .equation')) {
    const { x, y, height: high } = caption.getBoundingClientRect();
    const style = getComputedStyle(caption);
    const text = document.createElementNS(SVG, 'text');
    const looks = {
      x: x - frame.x + MARGIN,
      y: y - frame.y + MARGIN + high / 2,
      fill: style.color,
      'font-family': style.fontFamily,
      'font-size': style.fontSize,
      'dominant-baseline': 'central',
    };
    for (const [name, value] of Object.entries(looks)) text.setAttribute(name, String(value));
    text.textContent = caption.textContent;
    file.append(text);
  }
  return new XMLSerializer().serializeToString(file);
}
