/** The ways rows are shown. */
export const VIEWS = ['table', 'chart', 'both', 'map'] as const;
export type View = (typeof VIEWS)[number];
