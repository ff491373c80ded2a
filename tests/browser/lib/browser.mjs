/** Chromium, and pages that remember whatever went wrong on them. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumPath } from './city.mjs';
import { DEADLINE_MS, eventually } from './wait.mjs';

const SHOTS = resolve(import.meta.dirname, '../../screenshots');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** With a profile of its own, gone when it is closed. */
export function launch() {
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS });
}

/** A page in a context of its own. Its `wrongs` are errors, violations of the policy, requests to elsewhere. */
export async function openPage(browser, url, { wide = 1920, high = 1080, scale = 1 } = {}) {
  const context = await browser.newContext({
    viewport: { width: wide, height: high },
    deviceScaleFactor: scale,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(DEADLINE_MS);
  const page = await context.newPage();
  const origin = new URL(url).host;
  const wrongs = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrongs.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrongs.push(`page: ${error.message}`));
  const outside = (address) => {
    const { host, protocol } = new URL(address);
    if (host !== origin && protocol !== 'data:' && protocol !== 'blob:') wrongs.push(`request to ${address}`);
  };
  page.on('request', (request) => outside(request.url()));
  page.on('websocket', (socket) => outside(socket.url()));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  return Object.assign(page, { wrongs });
}

/**
 * The SQL page with its catalog. When that comes, the editor takes its own selection again: all that a test had selected to
 * write over would stay, beside what it writes.
 */
export async function openWorkbench(browser, url, size) {
  const page = await openPage(browser, url, size);
  await page.locator('aside code').first().waitFor({ state: 'attached' });
  return page;
}

/** For people to look at. */
export async function shot(page, name) {
  await mkdir(SHOTS, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** A place of the page reads so, at the latest after the next frames. */
export async function reads(locator, expected) {
  await eventually(`"${expected}" is read`, async () => {
    const text = await locator.textContent({ timeout: 1_000 });
    assert.equal(text.replaceAll(/\s+/g, ' ').trim(), expected);
    return true;
  });
}

/** Whether everything is reached without scrolling sideways. */
export function holdsItsWidth(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
}
