import { cellToBoundary, cellToLatLng, latLngToCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import type { Geometry, Position } from '../../wire';
import { Atlas } from './atlas';
import { CellField, mix } from './cells';
import { broken, placeNames, spreadPins, touches, type LabelStyle, type Name } from './labels';
import { inside, makeLens } from './lens';
import { outerRings } from './outer';
import { fit, Plane, resolutionFor, toKm, toPx, type Box, type Point } from './plane';

describe('the plane', () => {
  it('gives kilometres that are nearly true in the city, and takes them back', () => {
    const plane = new Plane(21, 105.8);
    const at: Position = [105.9, 21.1];
    const [x, y] = plane.km(at);
    expect(x).toBeCloseTo(10.39, 1);
    expect(y).toBeCloseTo(11.06, 1);
    expect(plane.degrees([x, y])[0]).toBeCloseTo(at[0], 9);
  });

  it('fits a box into a frame and knows the way back', () => {
    const view = fit([0, 0, 10, 20], [100, 0, 200, 100]);
    expect(view.pxPerKm).toBe(5);
    expect(toPx(view, [5, 10])).toEqual([150, 50]);
    expect(toKm(view, toPx(view, [1, 2]))).toEqual([1, 2]);
  });

  it('shows the finest cells that are six pixels wide', () => {
    expect([5, 8.45, 21.9, 60].map(resolutionFor)).toEqual([7, 8, 9, 10]);
  });
});

describe('the outer border', () => {
  const west: Point[] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [1, 2],
    [0, 2],
  ];
  const east: Point[] = [
    [1, 0],
    [2, 0],
    [2, 2],
    [1, 2],
    [1, 1],
  ];

  it('is what neighbours do not share', () => {
    const [ring, ...others] = outerRings([west, east]);
    expect(others).toEqual([]);
    expect(new Set(ring?.map(String))).toEqual(new Set(['0,0', '1,0', '2,0', '2,2', '1,2', '0,2']));
  });

  it('is empty where areas do not fit together', () => {
    const astray: Point[] = east.map(([x, y]) => [x === 1 && y === 1 ? 1 : x, y] as Point).reverse();
    expect(outerRings([west, astray])).toEqual([]);
  });
});

describe('the lens', () => {
  const city = fit([0, 0, 100, 100], [0, 0, 800, 800]);
  const lens = makeLens(city, [80, 80], 10, { x: 200, y: 600, r: 160 });

  it('looks at its ring, larger', () => {
    expect(lens.ring).toEqual({ x: 640, y: 160, r: 80 });
    expect(lens.view.pxPerKm).toBe(16);
    expect(inside(lens.circle, toPx(lens.view, [80, 89]))).toBe(true);
    expect(inside(lens.circle, toPx(lens.view, [80, 91]))).toBe(false);
  });

  it('is joined to its ring by lines that touch both circles', () => {
    const [a, b] = lens.beam;
    const radius = (p: Point, c: { x: number; y: number }): number => Math.hypot(p[0] - c.x, p[1] - c.y);
    expect(radius(a, lens.ring)).toBeCloseTo(80);
    expect(radius(b, lens.circle)).toBeCloseTo(160);
    const along = (b[0] - a[0]) * (b[0] - lens.circle.x) + (b[1] - a[1]) * (b[1] - lens.circle.y);
    expect(along).toBeCloseTo(0);
  });
});

describe('names on the map', () => {
  const style: LabelStyle = { sizePx: 20, lineHeight: 1, gapPx: 2, width: (text) => text.length * 10 };
  const frame: Box = [0, 0, 400, 400];
  const name = (id: string, at: Point, weight = 1): Name => ({ id, text: 'Hai Bà Trưng', at, roomPx: 200, weight });

  it('break into two even lines, a compass point apart', () => {
    expect(broken('Hai Bà Trưng')).toEqual(['Hai Bà', 'Trưng']);
    expect(broken('Bắc Từ Liêm')).toEqual(['Bắc', 'Từ Liêm']);
    expect(broken('Huế')).toEqual(['Huế']);
  });

  it('take two lines where there is little room', () => {
    expect(placeNames([{ ...name('a', [200, 200]), roomPx: 50 }], [], frame, style)[0]?.lines).toHaveLength(2);
  });

  it('never touch: the heavier stays, the other moves or is hidden', () => {
    const placed = placeNames([name('light', [200, 200], 1), name('heavy', [200, 200], 9)], [], frame, style);
    expect(placed[0]).toMatchObject({ id: 'heavy', at: [200, 200] });
    expect(placed[1]?.at).not.toEqual([200, 200]);
    const many = Array.from({ length: 40 }, (_, at) => name(String(at), [200, 200], at));
    const boxes = placeNames(many, [], frame, style).map(({ lines, at: [x, y] }): Box => {
      const half = Math.max(...lines.map((line) => line.length)) * 5;
      return [x - half, y - lines.length * 10, x + half, y + lines.length * 10];
    });
    expect(boxes.length).toBeLessThan(40);
    boxes.forEach((box, at) => boxes.slice(at + 1).forEach((other) => expect(touches(box, other)).toBe(false)));
  });

  it('keep clear of pins and inside the frame', () => {
    expect(placeNames([name('a', [200, 200])], [[0, 0, 400, 400]], frame, style)).toEqual([]);
    expect(placeNames([name('a', [900, 900])], [], frame, style)).toEqual([]);
  });

  it('let no pin cover another', () => {
    const pins = spreadPins([{ at: [10, 10] as Point }, { at: [10, 10] as Point }, { at: [12, 10] as Point }], 30);
    expect(pins.map((pin) => pin.at[0])).toEqual([10, 40, 72]);
  });
});

describe('the atlas', () => {
  const cell = latLngToCell(21.03, 105.85, 9);
  const [lat, lon] = cellToLatLng(cell);
  const ring = cellToBoundary(cell).map(([y, x]): Position => [x, y]);
  const geometry: Geometry = {
    version: '1',
    bounds: [20.9, 105.7, 21.1, 106],
    districts: [
      {
        code: '002',
        name_vi: 'Quận Hoàn Kiếm',
        name_en: 'Hoan Kiem',
        kind: 'quan',
        population: 1,
        outline: { type: 'MultiPolygon', coordinates: [[ring]] },
        label: [lon, lat],
      },
    ],
    wards: [],
    landmarks: { type: 'FeatureCollection', features: [] },
    cells: { '9': { '002': [cell] } },
  };
  const atlas = new Atlas(geometry);

  it('knows the cells of a district and the district of a cell', () => {
    expect(atlas.cells(9, '002').map(({ id }) => id)).toEqual([cell]);
    expect(atlas.districtOfCell(cell, 9)).toBe('002');
    expect(atlas.cells(9, '001')).toEqual([]);
  });

  it('makes finer cells out of their parents', () => {
    expect(atlas.cells(10, '002')).toHaveLength(7);
  });

  it('gives the lens only land cells', () => {
    expect(atlas.cellsAround(9, atlas.plane.km([lon, lat]), 2).map(({ id }) => id)).toEqual([cell]);
  });

  it('says which cells changed their band, by from and to', () => {
    const field = new CellField(atlas.cells(9), fit(atlas.box, [0, 0, 100, 100]));
    expect(field.show({ [cell]: [4, 2] })).toEqual(new Map([['0>2', [0]]]));
    expect(field.show({ [cell]: [5, 2] })).toEqual(new Map());
    expect(field.show({})).toEqual(new Map([['2>0', [0]]]));
  });

  it('mixes colours', () => {
    expect(mix('#000000', '#ff8000', 0.5)).toBe('rgb(128 64 0)');
  });
});
