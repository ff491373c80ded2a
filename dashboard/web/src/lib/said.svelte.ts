/** What the page says about itself in words: the state and its detail, the headline, the age of the figures. */
import { clockTime, count, secondsBehind, span } from './format';
import { language } from './i18n/index.svelte';
import { live } from './store/live.svelte';
import { parseTime } from './time';

export function stateTitle(): string {
  return language.words.fresh[live.freshness];
}

function stoppedFor(): string {
  const since = parseTime(live.status?.stopped_since);
  const server = live.serverMs;
  if (!since || server === null) return '';
  return language.words.fresh.since(span(server - since.ms, language.lang));
}

export function stateDetail(): string {
  const status = live.status;
  const words = language.words.fresh;
  const lang = language.lang;
  switch (live.freshness) {
    case 'live':
    case 'slow':
      return words.behind(secondsBehind(status?.behind_ms ?? 0, lang));
    case 'catching': {
      if (status?.state === 'settling') return words.settling;
      return words.left(count(status?.behind_events ?? 0, lang));
    }
    case 'stopped':
      return stoppedFor();
    case 'lost':
      return status?.state === 'cut' && !live.down ? words.noNats : words.reconnecting;
    case 'waiting':
      return words.none;
    case 'connecting':
      return '';
  }
}

/** Two clauses: what happens, and where or what to do. */
function clauses(sentence: string): [string, string] {
  const cut = sentence.indexOf('. ');
  return cut < 0 ? [sentence, ''] : [sentence.slice(0, cut + 1), sentence.slice(cut + 2)];
}

export function headline(): [string, string] {
  const words = language.words.headlines;
  const status = live.status;
  if (!status) return words[live.freshness === 'lost' ? 'lost' : 'connecting'] as [string, string];
  if (live.freshness === 'lost' && live.down) return words.lost as [string, string];
  const said = status.headline?.[language.lang];
  return said ? clauses(said) : (words[live.freshness === 'lost' ? 'cut' : 'connecting'] as [string, string]);
}

/** The event time a panel is true for: bare while live, "at …" when it is not the present. */
export function ageText(topic?: string): string {
  const state = live.freshness;
  if (state === 'waiting' || state === 'connecting') return '';
  const stale = topic !== undefined && live.isStale(topic);
  const time = parseTime(stale ? live.frame(topic)?.eventTime : live.status?.event_time);
  if (!time) return '';
  const clock = clockTime(time);
  return stale || (state !== 'live' && state !== 'slow') ? language.words.at(clock) : clock;
}
