/** Waiting for a condition, never for a time. */

/** Far more than anything needs, even on a busy machine. */
export const DEADLINE_MS = 20_000;
const POLL_MS = 50;

/** Asks until `probe` gives something, not undefined or false, and gives that; fails at the deadline with what was last wrong. */
export async function eventually(what, probe, deadlineMs = DEADLINE_MS) {
  const end = Date.now() + deadlineMs;
  let wrong = '';
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      wrong = `: ${error.message}`;
    }
    if (Date.now() > end) throw new Error(`not within ${deadlineMs / 1000} s: ${what}${wrong}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
