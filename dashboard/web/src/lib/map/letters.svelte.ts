/** How wide a name is, measured with the page's own font; measured anew once the font is there. */
class Fonts {
  ready = $state(false);

  constructor() {
    void document.fonts.ready.then(() => (this.ready = true));
  }
}

const fonts = new Fonts();
let context: CanvasRenderingContext2D | null = null;

export function letterWidth(text: string, weight: number, sizePx: number): number {
  void fonts.ready;
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * sizePx * 0.55;
  context.font = `${weight} ${sizePx}px "Be Vietnam Pro"`;
  return context.measureText(text).width;
}
