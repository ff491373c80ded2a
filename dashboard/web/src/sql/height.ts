/** How high the editor is, as the reader left it. */
export const HEIGHT_PX = 342;
const LEAST_PX = 120;
/** What the results keep, with the page's head above. */
const BELOW_PX = 260;

export function fitting(px: number, pageHigh: number): number {
  return Math.round(Math.max(LEAST_PX, Math.min(px, Math.max(LEAST_PX, pageHigh - BELOW_PX))));
}

export function readHeight(text: string | null): number {
  const px = Number(text);
  return text && Number.isFinite(px) && px > 0 ? px : HEIGHT_PX;
}
