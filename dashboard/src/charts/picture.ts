// A figure as it stands on the screen, as a picture that stands by itself: its shapes, bars and words as one SVG, or that
// as a PNG. Whatever a chart is made of is in it, in the colours of the theme; buttons and lists are not. Its chunk comes
// with the first picture that is asked for. Must change nothing on the page.

const NAMESPACE = 'http://www.w3.org/2000/svg';
const PADDING_PX = 16;
/** Finer than a screen: a picture is put into papers. */
const PNG_SCALE = 2;
/** How much of the height of a line lies above its letters' feet. */
const BASELINE = 0.79;
const SKIPPED = '.tools, .heard, .onscreen, .said, button, select, input, [data-picture="no"]';
/** What a style sheet says of a shape must be said in the shape. */
const STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'vector-effect', 'opacity', 'fill-opacity', 'stroke-opacity', 'font-family', 'font-size', 'font-weight', 'visibility'];
/** For the stylesheet and the page alone. */
const UNSAID = ['class', 'style', 'role', 'id', 'tabindex'];

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function node(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 100) / 100) : value);
  return made;
}

class Picture {
  readonly shapes: SVGElement[] = [];
  readonly box: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };

  /** All that is seen of an element, from back to front. */
  draw(element: Element): void {
    const style = getComputedStyle(element);
    if (element.matches(SKIPPED) || style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0') return;
    if (element instanceof SVGSVGElement) return this.drawSvg(element);
    this.drawGround(element, style);
    for (const child of element.childNodes) {
      if (child instanceof Element) this.draw(child);
      else if (child instanceof Text) this.drawText(child, element, style);
    }
  }

  private add(shape: SVGElement, { left, top, right, bottom }: Box): void {
    this.shapes.push(shape);
    const { box } = this;
    [box.left, box.top, box.right, box.bottom] = [Math.min(box.left, left), Math.min(box.top, top), Math.max(box.right, right), Math.max(box.bottom, bottom)];
  }

  private drawSvg(svg: SVGSVGElement): void {
    const box = svg.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) return;
    const copy = svg.cloneNode(true) as SVGSVGElement;
    const [from, to] = [[svg, ...svg.querySelectorAll('*')], [copy, ...copy.querySelectorAll('*')]];
    to.forEach((shape, i) => inline(from[i] ?? svg, shape));
    if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${svg.clientWidth} ${svg.clientHeight}`);
    for (const [key, value] of Object.entries({ x: box.left, y: box.top, width: box.width, height: box.height })) copy.setAttribute(key, String(value));
    this.add(copy, box);
  }

  /** A bar, a dot, a tone of a legend. */
  private drawGround(element: Element, style: CSSStyleDeclaration): void {
    const fill = style.backgroundColor;
    const box = element.getBoundingClientRect();
    if (fill === 'transparent' || /^rgba\(.*, 0\)$/.test(fill) || box.width === 0 || box.height === 0) return;
    const rx = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, box.height / 2);
    this.add(node('rect', { x: box.left, y: box.top, width: box.width, height: box.height, rx, fill }), box);
  }

  private drawText(text: Text, element: Element, style: CSSStyleDeclaration): void {
    const drawn = element.getBoundingClientRect();
    // Where the page is drawn larger, as on a wall, its letters are.
    const larger = element instanceof HTMLElement && element.offsetWidth > 0 && style.display !== 'inline' ? drawn.width / element.offsetWidth : 1;
    const attributes = { fill: style.color, 'font-family': 'Inter, system-ui, sans-serif', 'font-size': Number.parseFloat(style.fontSize) * larger, 'font-weight': style.fontWeight };
    const edge = style.textOverflow === 'ellipsis' ? drawn.right : Infinity;
    for (const line of linesOf(text, edge)) {
      const shape = node('text', { ...attributes, x: line.box.left, y: line.box.top + BASELINE * (line.box.bottom - line.box.top), textLength: line.box.right - line.box.left, lengthAdjust: 'spacingAndGlyphs' });
      shape.textContent = line.text;
      this.add(shape, line.box);
    }
  }
}

function inline(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of [...to.attributes].map((attribute) => attribute.name)) {
    if (UNSAID.includes(name) || name.startsWith('data-') || name.startsWith('aria-')) to.removeAttribute(name);
  }
  for (const name of STYLES) {
    const value = style.getPropertyValue(name);
    if (value !== '' && value !== 'none' && value !== 'auto' && value !== 'visible') to.setAttribute(name, value);
    // Without a word a shape is black, and has no stroke.
    else if (name === 'fill' && value === 'none') to.setAttribute(name, value);
  }
}

/** The words of a text as they are broken into lines, cut where they are not seen any more. */
function linesOf(text: Text, edge: number): { text: string; box: Box }[] {
  const lines: { text: string; box: Box }[] = [];
  const range = document.createRange();
  for (const word of text.data.matchAll(/\S+/g)) {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    const { left, top, right, bottom } = range.getBoundingClientRect();
    if (right === left) continue;
    const last = lines.at(-1);
    if (last !== undefined && right > edge) {
      if (!last.text.endsWith('…')) last.text += ' …';
    } else if (last !== undefined && Math.abs(last.box.top - top) < (bottom - top) / 2) {
      last.text += ` ${word[0]}`;
      last.box.right = Math.max(last.box.right, right);
    } else lines.push({ text: word[0], box: { left, top, right: Math.min(right, edge), bottom } });
  }
  return lines;
}

/** The text of an SVG file. */
export function svgOf(figure: HTMLElement, title: string): string {
  const picture = new Picture();
  for (const part of figure.children) picture.draw(part);
  const { left, top, right, bottom } = picture.box;
  const [width, height] = [Math.ceil(right - left + 2 * PADDING_PX), Math.ceil(bottom - top + 2 * PADDING_PX)];
  const ground = getComputedStyle(figure).backgroundColor;
  const svg = node('svg', { width, height, viewBox: `${left - PADDING_PX} ${top - PADDING_PX} ${width} ${height}` });
  const words = document.createElementNS(NAMESPACE, 'title');
  words.textContent = title;
  svg.append(words, node('rect', { x: left - PADDING_PX, y: top - PADDING_PX, width, height, fill: ground }), ...picture.shapes);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;
}

/** The same, as many points. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.naturalWidth * PNG_SCALE, image.naturalHeight * PNG_SCALE];
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob === null ? failed(new Error('no picture')) : done(blob)), 'image/png'));
}
