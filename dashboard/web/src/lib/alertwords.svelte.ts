/** An alert in words: what, where and how many. */
import type { AlertRow } from '../wire';
import { alertPeople } from './alertpeople.svelte';
import { whole } from './format';
import { language } from './i18n/index.svelte';
import { places } from './places.svelte';

const CLUSTER = 'cluster';
const BREACH = 'isolation_breach';

export function alertTitle(alert: AlertRow): string {
  const words = language.words.alert;
  if (alert.rule === CLUSTER) return words.cluster;
  return alert.rule === BREACH ? words.breach : (words.rules[alert.rule] ?? alert.rule);
}

function venueName(alert: AlertRow): string {
  return alert.venue_name ?? alert.venue ?? language.words.alert.unknownPlace;
}

/** The title of a sheet, which has room for the venue. */
export function alertLongTitle(alert: AlertRow): string {
  const words = language.words.alert;
  if (alert.rule === CLUSTER) return words.clusterAt(venueName(alert));
  return alert.rule === BREACH ? words.breachAt(venueName(alert)) : alertTitle(alert);
}

export function alertRule(alert: AlertRow): string {
  return language.words.alert.rules[alert.rule] ?? alert.rule;
}

function count(alert: AlertRow): string {
  const words = language.words.alert;
  const lang = language.lang;
  if (alert.facts) {
    const { f0, f1 } = alert.facts;
    return [f0 > 0 ? words.f0(whole(f0, lang)) : null, words.f1(whole(f1, lang))].filter(Boolean).join(', ');
  }
  return alert.rule === CLUSTER ? words.contacts(whole(alert.value, lang)) : '';
}

/** Where and how many; within a district its own name says nothing, so the ward stands there. */
export function alertPlace(alert: AlertRow, inDistrict = false): string {
  const words = language.words.alert;
  const area = inDistrict ? places.ward(alert.ward) : places.district(alert.district);
  const who = alert.rule === BREACH && alert.person ? words.person(alertPeople.name(alert.person)) : null;
  const where = [who, venueName(alert), area].filter(Boolean).join(', ');
  const many = count(alert);
  return many ? `${where}: ${many}` : where;
}

export interface Fitted {
  text: string;
  sizePx: number;
}

/** The same for one line: smaller letters first, then what says least is left out; no name is cut. */
export function alertPlaceFitting(
  alert: AlertRow,
  sizesPx: number[],
  fits: (text: string, sizePx: number) => boolean,
): Fitted {
  const forms = [
    alertPlace(alert),
    alertPlace({ ...alert, person: null }),
    alertPlace({ ...alert, person: null, district: null }),
    [places.district(alert.district), count(alert)].filter(Boolean).join(': '),
  ];
  const tries = forms.flatMap((text) => sizesPx.map((sizePx): Fitted => ({ text, sizePx })));
  return tries.find(({ text, sizePx }) => fits(text, sizePx)) ?? tries.at(-1) ?? { text: '', sizePx: 0 };
}

export function alertSentence(alert: AlertRow): string {
  const words = language.words.alert;
  const where = [places.ward(alert.ward), places.district(alert.district)].filter(Boolean).join(', ');
  const place = where ? `${venueName(alert)}, ${where}` : venueName(alert);
  if (alert.rule === CLUSTER) return words.clusterSentence(place, whole(alert.value, language.lang));
  return alert.rule === BREACH ? words.breachSentence(place, alertPeople.name(alert.person ?? '')) : place;
}
