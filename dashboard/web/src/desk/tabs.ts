/** The tabs of a desk; `more` is where the phone keeps what stands at the side of a wide screen. */
export type Tab = 'alerts' | 'cases' | 'contacts' | 'venues' | 'more';

export const WIDE_TABS: Tab[] = ['alerts', 'cases', 'contacts', 'venues'];
export const PHONE_TABS: Tab[] = [...WIDE_TABS, 'more'];
export const PHONE_BELOW_PX = 760;

export function tabOf(text: string | null): Tab {
  return PHONE_TABS.find((tab) => tab === text) ?? 'alerts';
}
