/** Keeps a canvas of cells up to date: one picture of several fields, whose changes are eased. */
import type { HexesTopic, Layer } from '../../wire';
import { CellField, EASE_MS, mix } from './cells';
import type { Circle } from './lens';

/** A field of cells, and where on the canvas it may be drawn. */
export interface Patch {
  field: CellField;
  /** Drawn only within this circle, on its own ground. */
  within?: Circle;
  /** Never drawn within this circle: another patch lies on top there. */
  without?: Circle;
  /** Drawn only within these outlines. */
  clip?: Path2D;
}

/** Cells on their way from one colour to another. */
interface Easing {
  patch: Patch;
  from: number;
  to: number;
  path: Path2D;
}

/** Colours need no more to look smooth, and a wall has no graphics card. */
const EASE_FRAME_MS = 50;

const RAMPS: Record<Layer, string> = { risk: 'risk', cases: 'risk', presence: 'flow' };

/** The five colours of a layer in the theme of the element. */
function rampOf(element: Element, layer: Layer): string[] {
  const style = getComputedStyle(element);
  const name = RAMPS[layer];
  return ['--land', ...[1, 2, 3, 4].map((band) => `--${name}-${band}`)].map((key) =>
    style.getPropertyValue(key).trim(),
  );
}

function prefersStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #patches: Patch[];
  readonly #unitsWide: number;
  readonly #unitsHigh: number;
  #colours: string[] = [];
  #ground = '#000';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #easing: Easing[] = [];

  constructor(canvas: HTMLCanvasElement, unitsWide: number, unitsHigh: number, patches: Patch[]) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser draws no canvas');
    this.#canvas = canvas;
    this.#context = context;
    this.#patches = patches;
    this.#unitsWide = unitsWide;
    this.#unitsHigh = unitsHigh;
  }

  /** Sharp at any size: the canvas has as many pixels as the screen gives it. */
  resize(): void {
    const scale = (this.#canvas.clientWidth / this.#unitsWide) * devicePixelRatio;
    this.#canvas.width = Math.max(1, Math.round(this.#unitsWide * scale));
    this.#canvas.height = Math.max(1, Math.round(this.#unitsHigh * scale));
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
    this.#paintAll();
  }

  colour(layer: Layer): void {
    this.#colours = rampOf(this.#canvas, layer);
    this.#ground = getComputedStyle(this.#canvas).getPropertyValue('--bg').trim();
    this.#paintAll();
  }

  /** The values of each patch, in their order. */
  show(values: (HexesTopic | undefined)[]): void {
    this.#settle();
    this.#easing = this.#patches.flatMap((patch, at) =>
      [...patch.field.show(values[at])].map(([key, indexes]): Easing => {
        const [from = 0, to = 0] = key.split('>').map(Number);
        return { patch, from, to, path: patch.field.path(indexes) };
      }),
    );
    if (this.#easing.length === 0) return;
    if (this.#colours.length === 0 || prefersStill() || document.hidden) this.#paintAll();
    else this.#ease(performance.now());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** What is still under way arrives at once when the next values come. */
  #settle(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#paintEasing(1);
  }

  #ease(startMs: number): void {
    this.#timer = setTimeout(() => {
      const share = Math.min(1, (performance.now() - startMs) / EASE_MS);
      if (share < 1) {
        this.#paintEasing(share);
        this.#ease(startMs);
      } else {
        this.#timer = undefined;
        this.#paintAll();
      }
    }, EASE_FRAME_MS);
  }

  #paintEasing(share: number): void {
    for (const { patch, from, to, path } of this.#easing) {
      this.#clipped(patch, () => {
        this.#context.fillStyle = mix(this.#colours[from] ?? '#000000', this.#colours[to] ?? '#000000', share);
        this.#context.fill(path);
      });
    }
  }

  #paintAll(): void {
    this.#context.clearRect(0, 0, this.#unitsWide, this.#unitsHigh);
    for (const patch of this.#patches) {
      this.#clipped(patch, () => {
        if (patch.within) {
          this.#context.fillStyle = this.#ground;
          this.#context.fillRect(0, 0, this.#unitsWide, this.#unitsHigh);
        }
        patch.field.paint(this.#context, this.#colours);
      });
    }
  }

  #clipped(patch: Patch, draw: () => void): void {
    this.#context.save();
    const circle = patch.within ?? patch.without;
    if (circle) {
      this.#context.beginPath();
      if (patch.without) this.#context.rect(0, 0, this.#unitsWide, this.#unitsHigh);
      this.#context.arc(circle.x, circle.y, circle.r, 0, 2 * Math.PI);
      this.#context.clip('evenodd');
    }
    if (patch.clip) this.#context.clip(patch.clip);
    draw();
    this.#context.restore();
  }
}
