/** The editor: PostgreSQL's words, the catalog's names, and where an error is. */
import { autocompletion, closeBrackets, completionKeymap, ifNotIn, type Completion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { keywordCompletionSource, schemaCompletionSource } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Lang } from '../lib/format';
import { functionNames, grammarOf, WORDS_ONLY } from './grammar';
import { FUNCTIONS, placeOf, told } from './mend';
import type { Catalog, Problem } from './types';
import { WORDS } from './words';

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
  // Where it has no room beside the list it would lie over it.
  '.cm-completionInfo-left-narrow, .cm-completionInfo-right-narrow': { display: 'none' },
  '.cm-diagnostic': { whiteSpace: 'pre-wrap' },
});

/** Where people write in their own language, not names. */
const WRITTEN = ['String', 'LineComment', 'BlockComment', 'QuotedIdentifier'];

export const names = new Compartment();
export const label = new Compartment();
export const grammar = new Compartment();

/** Tables and columns where they fit, functions and PostgreSQL's words anywhere. */
export function catalogNames(catalog: Catalog, lang: Lang) {
  const schema = Object.fromEntries(
    catalog.tables.map((table) => [
      table.name,
      table.columns.map((column): Completion => ({
        label: column.name,
        type: 'property',
        detail: column.unit ? `${column.type}, ${WORDS[lang].units[column.unit] ?? column.unit}` : column.type,
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
  const known = FUNCTIONS.map((name): Completion => ({ label: name, apply: `${name}(`, type: 'function' }));
  const byName = new Map([...known, ...columns, ...functions].map((one) => [one.label, one]));
  return autocompletion({
    // They need a font of their own, which the page does not load.
    icons: false,
    override: [
      schemaCompletionSource({ dialect: WORDS_ONLY, schema }),
      keywordCompletionSource(WORDS_ONLY, true),
      ifNotIn(WRITTEN, (context) => {
        // Of a name with Vietnamese letters a part is no name.
        const word = context.matchBefore(/[\p{L}\p{M}\p{N}_]+/u);
        if (!word || /\W/.test(word.text) || context.matchBefore(/\.\w*/)) return null;
        return { from: word.from, options: [...byName.values()], validFor: /^\w*$/ };
      }),
    ],
  });
}

export const functionsOf = (catalog: Catalog | null) => grammarOf(functionNames(catalog));

export function labelled(text: string) {
  return EditorView.contentAttributes.of({ 'aria-label': text, spellcheck: 'false', autocapitalize: 'off' });
}

interface Options {
  parent: HTMLElement;
  doc: string;
  onrun: () => void;
  /** True where something was running. */
  onstop: () => boolean;
  onsave: () => void;
  onchange: (text: string) => void;
}

export function makeEditor({ parent, doc, onrun, onstop, onsave, onchange }: Options): EditorView {
  // While a Vietnamese letter is being composed, Enter belongs to the input method.
  const run = (view: EditorView): boolean => {
    if (view.composing) return true;
    onrun();
    return true;
  };
  const save = (): boolean => {
    onsave();
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
        Prec.highest(
          keymap.of([
            { key: 'Mod-Enter', run },
            { key: 'Mod-s', run: save },
          ]),
        ),
        look,
        ring,
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        grammar.of(grammarOf(functionNames(null))),
        syntaxHighlighting(colours),
        names.of([]),
        label.of([]),
        // Tab stays the browser's, so that the keyboard can leave the editor.
        keymap.of([...completionKeymap, { key: 'Escape', run: onstop }, ...historyKeymap, ...defaultKeymap]),
        EditorView.lineWrapping,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onchange(update.state.doc.toString());
        }),
      ],
    }),
  });
}

/** What the problem says stands where it was said to be, as long as the query is the one that was run. */
export function markProblem(view: EditorView, problem: Problem | null, lang: Lang, hint: string | null): void {
  const place = problem && placeOf(problem, view.state.doc.toString());
  if (!place) {
    view.dispatch(setDiagnostics(view.state, []));
    return;
  }
  const message = [problem.detail, hint].flatMap((text) => (text ? [told(text, lang)] : [])).join('\n');
  view.dispatch(setDiagnostics(view.state, [{ ...place, severity: 'error', message }]));
}
