/** The editor: PostgreSQL's words, the catalog's names, and where an error is. */
import { autocompletion, closeBrackets, completionKeymap, type Completion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, schemaCompletionSource, keywordCompletionSource, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Lang } from '../lib/format';
import type { Catalog, Problem } from './types';

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--sql-word)', fontWeight: '500' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--sql-text)' },
  { tag: [tags.standard(tags.name), tags.typeName], color: 'var(--sql-name)' },
  { tag: tags.comment, color: 'var(--text-3)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', fontSize: '14px' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused.by-keys': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: "'JetBrains Mono', monospace", lineHeight: '22px', fontVariantLigatures: 'none' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-gutters': {
    minWidth: '48px',
    justifyContent: 'flex-end',
    background: 'none',
    border: '0',
    color: 'var(--text-3)',
  },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--flow) 30%, transparent)',
  },
  '.cm-tooltip': { background: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--control)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--action)', color: 'var(--action-ink)' },
  '.cm-diagnostic': { whiteSpace: 'pre-wrap' },
});

export const names = new Compartment();
export const label = new Compartment();

/** Tables and columns where they fit, functions and PostgreSQL's words anywhere. */
export function catalogNames(catalog: Catalog, lang: Lang) {
  const schema = Object.fromEntries(
    catalog.tables.map((table) => [
      table.name,
      table.columns.map((column): Completion => ({
        label: column.name,
        type: 'property',
        detail: column.unit ? `${column.type}, ${column.unit}` : column.type,
        info: column.doc[lang],
      })),
    ]),
  );
  const functions = catalog.functions.map((one): Completion => ({
    label: one.name,
    apply: `${one.name}(`,
    type: 'function',
    detail: one.signature.slice(one.name.length),
    info: one.doc[lang],
  }));
  const columns = Object.values(schema).flat();
  const byName = new Map([...columns, ...functions].map((one) => [one.label, one]));
  return autocompletion({
    // They need a font of their own, which the page does not load.
    icons: false,
    override: [
      schemaCompletionSource({ dialect: PostgreSQL, schema }),
      keywordCompletionSource(PostgreSQL, true),
      (context) => {
        const word = context.matchBefore(/\w+/);
        if (!word || context.matchBefore(/\.\w*/)) return null;
        return { from: word.from, options: [...byName.values()], validFor: /^\w*$/ };
      },
    ],
  });
}

export function labelled(text: string) {
  return EditorView.contentAttributes.of({ 'aria-label': text, spellcheck: 'false', autocapitalize: 'off' });
}

interface Options {
  parent: HTMLElement;
  doc: string;
  onrun: () => void;
  onchange: (text: string) => void;
}

export function makeEditor({ parent, doc, onrun, onchange }: Options): EditorView {
  // While a Vietnamese letter is being composed, Enter belongs to the input method.
  const run = (view: EditorView): boolean => {
    if (view.composing) return true;
    onrun();
    return true;
  };
  // So large a box needs its ring only where the keyboard came to it.
  let pressed = false;
  const ring = EditorView.domEventHandlers({
    pointerdown: (_, view) => {
      pressed = true;
      view.dom.classList.remove('by-keys');
    },
    focus: (_, view) => {
      if (!pressed) view.dom.classList.add('by-keys');
      pressed = false;
    },
    blur: (_, view) => view.dom.classList.remove('by-keys'),
  });
  // The page's policy allows no style elements; within a shadow root the editor adopts style sheets instead.
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' });
  return new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc,
      extensions: [
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
        look,
        ring,
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        sql({ dialect: PostgreSQL }),
        syntaxHighlighting(colours),
        names.of([]),
        label.of([]),
        // Tab stays the browser's, so that the keyboard can leave the editor.
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.lineWrapping,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onchange(update.state.doc.toString());
        }),
      ],
    }),
  });
}

export function markProblem(view: EditorView, problem: Problem | null): void {
  const { doc } = view.state;
  if (!problem?.line || problem.line > doc.lines) {
    view.dispatch(setDiagnostics(view.state, []));
    return;
  }
  const line = doc.line(problem.line);
  const from = Math.min(line.to, line.from + Math.max(0, (problem.column ?? 1) - 1));
  const word = /^[\p{L}\p{N}_]+/u.exec(doc.sliceString(from, line.to))?.[0].length ?? 1;
  const message = problem.hint ? `${problem.detail}\n${problem.hint}` : problem.detail;
  view.dispatch(
    setDiagnostics(view.state, [{ from, to: Math.min(doc.length, from + word), severity: 'error', message }]),
  );
}
