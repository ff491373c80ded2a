/** Paints cells on a canvas and eases the colour of those that changed. */
import type { HexesTopic } from '../../wire';
import type { Cell } from './atlas';
import { toPx, type Point, type View } from './plane';

export const EASE_MS = 600;
/** Drawn a little small, so that the ground shows as a net. */
const SIZE = 0.93;
const BANDS = 5;

/** Cells of one view in pixels, and the band each shows. */
export class CellField {
  readonly ids: string[];
  readonly #rings: Point[][];
  #bands: Uint8Array;

  constructor(cells: Cell[], view: View) {
    this.ids = cells.map((cell) => cell.id);
    this.#bands = new Uint8Array(cells.length);
    this.#rings = cells.map((cell) => {
      const [cx, cy] = toPx(view, cell.centre);
      return cell.ring.map((corner): Point => {
        const [x, y] = toPx(view, corner);
        return [cx + (x - cx) * SIZE, cy + (y - cy) * SIZE];
      });
    });
  }

  /** Takes the new bands; gives the cells that changed by [from, to]. */
  show(values: HexesTopic | undefined): Map<string, number[]> {
    const next = Uint8Array.from(this.ids, (id) => Math.min(BANDS - 1, values?.[id]?.[1] ?? 0));
    const changed = new Map<string, number[]>();
    next.forEach((band, index) => {
      const before = this.#bands[index] ?? 0;
      if (band === before) return;
      const key = `${before}>${band}`;
      const list = changed.get(key);
      if (list) list.push(index);
      else changed.set(key, [index]);
    });
    this.#bands = next;
    return changed;
  }

  paint(context: CanvasRenderingContext2D, colours: string[]): void {
    const byBand: number[][] = Array.from({ length: BANDS }, () => []);
    this.#bands.forEach((band, index) => byBand[band]?.push(index));
    byBand.forEach((indexes, band) => {
      context.fillStyle = colours[band] ?? 'transparent';
      context.fill(this.path(indexes));
    });
  }

  /** One path of many cells, to be filled as often as their colour moves on. */
  path(indexes: number[]): Path2D {
    const path = new Path2D();
    for (const index of indexes) {
      this.#rings[index]?.forEach(([x, y], corner) => (corner === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
      path.closePath();
    }
    return path;
  }
}

function channels(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Between two `#rrggbb` colours. */
export function mix(from: string, to: string, share: number): string {
  const a = channels(from);
  const b = channels(to);
  return `rgb(${a.map((value, at) => Math.round(value + ((b[at] ?? 0) - value) * share)).join(' ')})`;
}
