/** The geometry endpoint's answer on the plane: outlines, waters and cells, made once per version. */
import { cellToBoundary, cellToChildren, gridDisk, latLngToCell } from 'h3-js';
import type { DistrictShape, Geometry, MultiPolygon, WardShape } from '../../wire';
import { boxOf, CELL_KM, Plane, type Box, type Point } from './plane';

/** Rings of a hexagonal disk reach less far at the flat sides; a little more covers the circle. */
const RINGS_MARGIN = 1.16;

export interface Shape<Row> {
  row: Row;
  rings: Point[][];
  box: Box;
  label: Point;
}

export interface Water {
  kind: 'river' | 'lake';
  line: Point[];
}

export interface Cell {
  id: string;
  centre: Point;
  ring: Point[];
}

function ringsOf(outline: MultiPolygon | null, plane: Plane): Point[][] {
  return (outline?.coordinates ?? []).flatMap((polygon) => polygon.map((ring) => ring.map((at) => plane.km(at))));
}

function shapeOf<Row extends DistrictShape | WardShape>(row: Row, plane: Plane): Shape<Row> {
  const rings = ringsOf(row.outline, plane);
  const label = plane.km(row.label);
  return { row, rings, label, box: boxOf(rings.length > 0 ? rings.flat() : [label]) };
}

export class Atlas {
  readonly version: string;
  readonly plane: Plane;
  readonly districts: Shape<DistrictShape>[];
  readonly wards: Shape<WardShape>[];
  readonly waters: Water[];
  readonly box: Box;
  readonly #geometry: Geometry;
  readonly #cells = new Map<string, Cell[]>();
  readonly #homes = new Map<string, Map<string, string>>();
  readonly #districtByCode: Map<string, Shape<DistrictShape>>;
  readonly #wardByCode: Map<string, Shape<WardShape>>;

  constructor(geometry: Geometry) {
    const [south, west, north, east] = geometry.bounds;
    this.#geometry = geometry;
    this.version = geometry.version;
    this.plane = new Plane((south + north) / 2, (west + east) / 2);
    this.districts = geometry.districts.map((row) => shapeOf(row, this.plane));
    this.wards = geometry.wards.map((row) => shapeOf(row, this.plane));
    this.waters = geometry.landmarks.features.map((feature) => ({
      kind: feature.properties.kind,
      line: (feature.geometry.type === 'Polygon'
        ? (feature.geometry.coordinates[0] ?? [])
        : feature.geometry.coordinates
      ).map((at) => this.plane.km(at)),
    }));
    this.box = boxOf(this.districts.flatMap((district) => [...district.rings.flat(), district.label]));
    this.#districtByCode = new Map(this.districts.map((shape) => [shape.row.code, shape]));
    this.#wardByCode = new Map(this.wards.map((shape) => [shape.row.code, shape]));
  }

  district(code: string | null | undefined): Shape<DistrictShape> | undefined {
    return code ? this.#districtByCode.get(code) : undefined;
  }

  ward(code: string | null | undefined): Shape<WardShape> | undefined {
    return code ? this.#wardByCode.get(code) : undefined;
  }

  wardsOf(district: string): Shape<WardShape>[] {
    return this.wards.filter((ward) => ward.row.district === district);
  }

  /** Land cells of a district, or of all; resolution 10 is made of the children of 9. */
  cells(resolution: number, district?: string): Cell[] {
    const key = `${resolution}/${district ?? ''}`;
    const kept = this.#cells.get(key);
    if (kept) return kept;
    const made = this.#cellIds(resolution, district).map((id) => this.#cell(id));
    this.#cells.set(key, made);
    return made;
  }

  /** The district whose land a cell is. */
  districtOfCell(cell: string, resolution: number): string | undefined {
    const key = String(resolution);
    let homes = this.#homes.get(key);
    if (!homes) {
      const byCode = Object.entries(this.#geometry.cells[key] ?? {});
      homes = new Map(byCode.flatMap(([code, cells]) => cells.map((id): [string, string] => [id, code])));
      this.#homes.set(key, homes);
    }
    return homes.get(cell);
  }

  /** Land cells round a point, for the lens. */
  cellsAround(resolution: number, centre: Point, radiusKm: number): Cell[] {
    const [lon, lat] = this.plane.degrees(centre);
    const rings = Math.ceil((radiusKm / (CELL_KM[resolution] ?? 1)) * RINGS_MARGIN);
    return gridDisk(latLngToCell(lat, lon, resolution), rings)
      .filter((id) => this.districtOfCell(id, resolution) !== undefined)
      .map((id) => this.#cell(id));
  }

  #cellIds(resolution: number, district?: string): string[] {
    const listed = this.#geometry.cells[String(resolution)];
    if (listed) return district ? (listed[district] ?? []) : Object.values(listed).flat();
    if (resolution <= 9) return [];
    return this.#cellIds(resolution - 1, district).flatMap((id) => cellToChildren(id, resolution));
  }

  #cell(id: string): Cell {
    const ring = cellToBoundary(id).map(([lat, lon]) => this.plane.km([lon, lat]));
    const centre: Point = [
      ring.reduce((sum, [x]) => sum + x, 0) / ring.length,
      ring.reduce((sum, [, y]) => sum + y, 0) / ring.length,
    ];
    return { id, centre, ring };
  }
}
