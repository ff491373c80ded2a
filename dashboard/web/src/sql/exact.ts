/** JSON whose long numbers keep all of their digits: those that a double cannot hold become text. */

/** A text of JSON, or a number of it; what stands within a text is no number. */
const PART = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** No number without so many digits in a row can be too long. */
const MAYBE_LONG = /\d[\d.]{15}/;
/** No double needs more to be told from its neighbours. */
const DOUBLE_DIGITS = 17;

function isLong(part: string): boolean {
  if (/^-?\d+$/.test(part)) return !Number.isSafeInteger(Number(part));
  if (!/^-?\d+\.\d+$/.test(part)) return false;
  return part.replace(/^-?[0.]*|0+$/g, '').replace('.', '').length > DOUBLE_DIGITS;
}

export function readExact(text: string): unknown {
  if (!MAYBE_LONG.test(text)) return JSON.parse(text);
  return JSON.parse(text.replace(PART, (part) => (part[0] !== '"' && isLong(part) ? `"${part}"` : part)));
}
