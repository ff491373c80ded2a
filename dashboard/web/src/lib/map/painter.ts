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

interface Easing {
  patch: Patch;
  changed: Map<string, number[]>;
}

const RAMPS: Record<Layer, string> = { risk: 'risk', cases: 'risk', presence: 'flow' };

/** The five colours of a layer in the theme of the element. */
export function rampOf(element: Element, layer: Layer): string[] {
  const style = getComputedStyle(element);
  const name = RAMPS[layer];
  return ['--land', ...[1, 2, 3, 4].map((band) => `--${name}-${band}`)].map((key) =>
    style.getPropertyValue(key).trim(),
  );
}

export function prefersStill(): boolean {
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
  #frame = 0;
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
    this.#easing = this.#patches.map((patch, at) => ({ patch, changed: patch.field.show(values[at]) }));
    if (this.#easing.every(({ changed }) => changed.size === 0)) return;
    if (prefersStill() || document.hidden) this.#paintAll();
    else this.#ease(performance.now());
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }

  #settle(): void {
    if (!this.#frame) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#paintAll();
  }

  #ease(startMs: number): void {
    this.#frame = requestAnimationFrame((nowMs) => {
      const share = Math.min(1, Math.max(0, (nowMs - startMs) / EASE_MS));
      if (share >= 1) {
        this.#frame = 0;
        this.#paintAll();
        return;
      }
      for (const easing of this.#easing) this.#paintChanged(easing, share);
      this.#ease(startMs);
    });
  }

  #paintChanged({ patch, changed }: Easing, share: number): void {
    this.#clipped(patch, () => {
      for (const [key, indexes] of changed) {
        const [from = 0, to = 0] = key.split('>').map(Number);
        const colour = mix(this.#colours[from] ?? '#000000', this.#colours[to] ?? '#000000', share);
        patch.field.fill(this.#context, indexes, colour);
      }
    });
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
