/** Moving about on a map: each step gives the next view, whatever asked for it. */
import { toKm, type Box, type Point, type View } from './plane';

/** How near and how far a map may be seen. */
export interface Reach {
  leastPxPerKm: number;
  mostPxPerKm: number;
  /** The middle of the picture stays within, so that nobody loses the city. */
  box: Box;
}

const between = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

function held(view: View, { box, leastPxPerKm, mostPxPerKm }: Reach): View {
  const [x, y] = view.centre;
  return {
    at: view.at,
    centre: [between(x, box[0], box[2]), between(y, box[1], box[3])],
    pxPerKm: between(view.pxPerKm, leastPxPerKm, mostPxPerKm),
  };
}

/** Nearer or farther; what is at the pixel `at` stays there. */
export function zoomed(view: View, factor: number, at: Point, reach: Reach): View {
  const pxPerKm = between(view.pxPerKm * factor, reach.leastPxPerKm, reach.mostPxPerKm);
  const [x, y] = toKm(view, at);
  const centre: Point = [x - (at[0] - view.at[0]) / pxPerKm, y + (at[1] - view.at[1]) / pxPerKm];
  return held({ at: view.at, centre, pxPerKm }, reach);
}

/** The map follows the hand by so many pixels. */
export function panned(view: View, [dx, dy]: Point, reach: Reach): View {
  const [x, y] = view.centre;
  return held({ ...view, centre: [x - dx / view.pxPerKm, y + dy / view.pxPerKm] }, reach);
}
