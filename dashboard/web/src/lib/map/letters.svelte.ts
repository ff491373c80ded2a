/** How wide a name is, measured with the page's own font; measured anew once the font is there. */
const FAMILY = '"Be Vietnam Pro"';
const WEIGHTS = [400, 500, 600];

class Fonts {
  ready = $state(false);

  constructor() {
    // Asked for by name: what no text has used yet would not be waited for. The letters need both subsets.
    const faces = WEIGHTS.map((weight) => document.fonts.load(`${weight} 20px ${FAMILY}`, 'Hà ế'));
    void Promise.allSettled(faces).then(() => (this.ready = true));
  }
}

const fonts = new Fonts();
let context: CanvasRenderingContext2D | null = null;

export function letterWidth(text: string, weight: number, sizePx: number): number {
  void fonts.ready;
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * sizePx * 0.55;
  context.font = `${weight} ${sizePx}px ${FAMILY}`;
  return context.measureText(text).width;
}
