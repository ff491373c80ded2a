/** A query in the address's fragment: it never reaches a server or its log. */
const KEY = '#q=';

export function linkHash(sql: string): string {
  const bytes = new TextEncoder().encode(sql);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return KEY + text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Null where there is none, or it was cut on its way. */
export function sqlOfHash(hash: string): string | null {
  if (!hash.startsWith(KEY)) return null;
  try {
    const text = atob(hash.slice(KEY.length).replace(/-/g, '+').replace(/_/g, '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(text, (sign) => sign.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** A link of a query that was cut on its way. */
export const isBroken = (hash: string): boolean => hash.startsWith(KEY) && sqlOfHash(hash) === null;
