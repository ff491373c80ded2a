/** What the SQL endpoint and its catalog say. */
export interface Doc {
  vi: string;
  en: string;
}
export interface CatalogColumn {
  name: string;
  type: string;
  unit: string | null;
  doc: Doc;
}
export interface CatalogTable {
  name: string;
  doc: Doc;
  columns: CatalogColumn[];
}
export interface CatalogFunction {
  name: string;
  signature: string;
  kind: 'scalar' | 'table';
  doc: Doc;
}
export interface Question {
  id: string;
  title: Doc;
  sql: string;
}
export interface Catalog {
  tables: CatalogTable[];
  functions: CatalogFunction[];
  questions: Question[];
  bounds: Record<string, number>;
}
export type Value = string | number | boolean | null | Value[];
export interface Column {
  name: string;
  type: string;
}
export interface Answer {
  stream_seq: number;
  event_time: string | null;
  columns: Column[];
  rows: Value[][];
  truncated: boolean;
  rows_max: number;
  /** Of tables and the archive, before the filters; null where rows are followed, which are not read anew. */
  rows_read: number | null;
  elapsed_ms: number;
}
export interface Problem {
  status: number;
  title: string;
  detail: string;
  line?: number | null;
  column?: number | null;
  hint?: string | null;
  bound?: string | null;
}
