/** Wheel, drag, two fingers and keys on a map, told as zooming and panning. */
import type { Point } from './plane';

export interface Moves {
  /** `at` is in pixels of the element. */
  zoom(factor: number, at: Point): void;
  pan(by: Point): void;
  fit(): void;
  /** Where the pointer rests; null when it is gone. */
  point?(at: Point | null): void;
  /** Pressed and let go at one place. */
  pick?(at: Point): void;
}

const KEY_FACTOR = 1.5;
const KEY_PAN_PX = 60;
const DOUBLE_FACTOR = 2;
/** How much a pixel of the wheel zooms; a trackpad's pinch comes as a wheel with Ctrl and small steps. */
const WHEEL = 0.0016;
const PINCH = 0.01;
const LINE_PX = 32;
const STILL_PX = 4;

export function gestures(moves: Moves): (node: HTMLElement) => () => void {
  return (node) => {
    const held = new Map<number, Point>();
    let start: Point | null = null;

    const within = (event: MouseEvent): Point => {
      const { left, top } = node.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    const middle = (): Point => [node.clientWidth / 2, node.clientHeight / 2];
    const apart = ([a, b]: Point[]): number => (a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0);
    const centre = (points: Point[]): Point => [
      points.reduce((sum, [x]) => sum + x, 0) / points.length,
      points.reduce((sum, [, y]) => sum + y, 0) / points.length,
    ];

    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const px = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * LINE_PX;
      moves.zoom(Math.exp(-px * (event.ctrlKey ? PINCH : WHEEL)), within(event));
    };
    const down = (event: PointerEvent): void => {
      if (event.button !== 0) return;
      node.setPointerCapture(event.pointerId);
      held.set(event.pointerId, within(event));
      start = held.size === 1 ? within(event) : null;
    };
    const move = (event: PointerEvent): void => {
      const at = within(event);
      if (!held.has(event.pointerId)) {
        moves.point?.(at);
        return;
      }
      const before = [...held.values()];
      held.set(event.pointerId, at);
      const now = [...held.values()];
      const [x, y] = centre(now);
      const [oldX, oldY] = centre(before);
      if (start && Math.hypot(at[0] - start[0], at[1] - start[1]) > STILL_PX) start = null;
      if (start) return;
      moves.pan([x - oldX, y - oldY]);
      if (now.length === 2 && apart(before) > 0) moves.zoom(apart(now) / apart(before), [x, y]);
    };
    const up = (event: PointerEvent): void => {
      if (!held.delete(event.pointerId)) return;
      if (start && event.type === 'pointerup') moves.pick?.(start);
      start = null;
    };
    const leave = (): void => moves.point?.(null);
    const double = (event: MouseEvent): void => moves.zoom(DOUBLE_FACTOR, within(event));
    const key = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const pans: Record<string, Point> = {
        ArrowLeft: [KEY_PAN_PX, 0],
        ArrowRight: [-KEY_PAN_PX, 0],
        ArrowUp: [0, KEY_PAN_PX],
        ArrowDown: [0, -KEY_PAN_PX],
      };
      const by = pans[event.key];
      if (by) moves.pan(by);
      else if (event.key === '+' || event.key === '=') moves.zoom(KEY_FACTOR, middle());
      else if (event.key === '-' || event.key === '_') moves.zoom(1 / KEY_FACTOR, middle());
      else if (event.key === '0') moves.fit();
      else return;
      event.preventDefault();
    };

    const listeners: [string, (event: never) => void, AddEventListenerOptions?][] = [
      ['wheel', wheel, { passive: false }],
      ['pointerdown', down],
      ['pointermove', move],
      ['pointerup', up],
      ['pointercancel', up],
      ['pointerleave', leave],
      ['dblclick', double],
      ['keydown', key],
    ];
    for (const [name, run, options] of listeners) node.addEventListener(name, run as EventListener, options);
    return () => {
      for (const [name, run] of listeners) node.removeEventListener(name, run as EventListener);
    };
  };
}
