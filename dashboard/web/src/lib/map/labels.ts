/** Where names may stand: a name is moved, broken into two lines or hidden, but never touches another. */
import type { Box, Point } from './plane';

export interface Name {
  id: string;
  text: string;
  at: Point;
  /** Room at that place in pixels; a wider name is broken into two lines. */
  roomPx: number;
  /** The greater is placed first. */
  weight: number;
}

export interface PlacedName {
  id: string;
  lines: string[];
  at: Point;
}

export interface LabelStyle {
  sizePx: number;
  lineHeight: number;
  /** Kept free around a name. */
  gapPx: number;
  width(text: string): number;
}

/** Shifts that are tried, in parts of the letter height. */
const SHIFTS: Point[] = [
  [0, 0],
  [0, -0.7],
  [0, 0.7],
  [0.9, 0],
  [-0.9, 0],
  [0.9, -0.8],
  [-0.9, -0.8],
  [0.9, 0.8],
  [-0.9, 0.8],
  [0, -1.4],
  [0, 1.4],
  [1.7, 0],
  [-1.7, 0],
  [1.7, -1.2],
  [-1.7, -1.2],
  [1.7, 1.2],
  [-1.7, 1.2],
  [0, -2.2],
  [0, 2.2],
];

export function touches(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function within(box: Box, frame: Box): boolean {
  return box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3];
}

/** A point of the compass before a name of two words or more belongs on a line of its own. */
const COMPASS = new Set(['Bắc', 'Nam', 'Đông', 'Tây', 'Bac', 'Dong', 'Tay']);

/** Two lines as even as the words allow. */
export function broken(text: string): string[] {
  const words = text.split(' ');
  if (words.length < 2) return [text];
  if (words.length > 2 && COMPASS.has(words[0] ?? '')) return [words[0] ?? '', words.slice(1).join(' ')];
  let best = [text];
  let shortest = Infinity;
  for (let cut = 1; cut < words.length; cut += 1) {
    const lines = [words.slice(0, cut).join(' '), words.slice(cut).join(' ')];
    const longest = Math.max(...lines.map((line) => line.length));
    if (longest < shortest) {
      best = lines;
      shortest = longest;
    }
  }
  return best;
}

function boxAround(lines: string[], [x, y]: Point, style: LabelStyle): Box {
  const wide = Math.max(...lines.map((line) => style.width(line))) / 2 + style.gapPx;
  const high = (lines.length * style.sizePx * style.lineHeight) / 2 + style.gapPx / 2;
  return [x - wide, y - high, x + wide, y + high];
}

/** Places what fits, in order of weight; `taken` are boxes of pins and keys. */
export function placeNames(names: Name[], taken: Box[], frame: Box, style: LabelStyle): PlacedName[] {
  const boxes = [...taken];
  const placed: PlacedName[] = [];
  for (const name of [...names].sort((a, b) => b.weight - a.weight)) {
    const one = [name.text];
    const two = broken(name.text);
    const forms = style.width(name.text) <= name.roomPx ? [one, two] : [two, one];
    const found = findPlace(name, forms, boxes, frame, style);
    if (!found) continue;
    boxes.push(boxAround(found.lines, found.at, style));
    placed.push(found);
  }
  return placed;
}

function findPlace(name: Name, forms: string[][], boxes: Box[], frame: Box, style: LabelStyle): PlacedName | null {
  for (const lines of forms) {
    for (const [dx, dy] of SHIFTS) {
      const at: Point = [name.at[0] + dx * style.sizePx, name.at[1] + dy * style.sizePx];
      const box = boxAround(lines, at, style);
      if (within(box, frame) && !boxes.some((other) => touches(box, other))) return { id: name.id, lines, at };
    }
  }
  return null;
}

/** Moves pins that would cover one another sideways, so that each number can be read. */
export function spreadPins<Pin extends { at: Point }>(pins: Pin[], distancePx: number): Pin[] {
  const free: Pin[] = [];
  for (const pin of pins) {
    let at = pin.at;
    while (free.some((other) => Math.hypot(other.at[0] - at[0], other.at[1] - at[1]) < distancePx)) {
      at = [at[0] + distancePx, at[1]];
    }
    free.push({ ...pin, at });
  }
  return free;
}
