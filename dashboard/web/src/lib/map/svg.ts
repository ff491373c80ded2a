/** Shapes of the plane as SVG paths. */
import { toPx, type Point, type View } from './plane';

function points(view: View, line: Point[]): string {
  return line
    .map((point) => toPx(view, point))
    .map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('L');
}

export function openPath(view: View, line: Point[]): string {
  return line.length > 0 ? `M${points(view, line)}` : '';
}

export function closedPath(view: View, rings: Point[][]): string {
  return rings.map((ring) => `M${points(view, ring)}Z`).join('');
}
