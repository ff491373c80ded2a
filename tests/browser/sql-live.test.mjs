/** A followed query: its rows first, then each change as it comes, also after the line was broken. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openWorkbench } from './lib/browser.mjs';
import { City } from './lib/city.mjs';
import { BY_EVENTS, story } from './lib/story.mjs';
import { eventually } from './lib/wait.mjs';

const SCANS = "SELECT person, venue, scanned_at FROM scans WHERE person LIKE 'KHACH-MOI%' ORDER BY scanned_at DESC";
let city;
let browser;
let events;

before(async () => {
  city = await City.start({ environment: BY_EVENTS });
  events = story();
  await city.take(events);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await city?.stop();
});

/** A scan at the market, a minute after the last event there is. */
function scan(n) {
  const latest = Math.max(...events.map(({ at }) => Date.parse(at)));
  const at = new Date(latest + n * 60_000 + 7 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+07:00');
  const person = `KHACH-MOI-${n}`;
  return { kind: 'scan', id: `live-${n}`, at, person, venue: 'CHO-HOM', mode: 'person_qr', direction: 'in' };
}

async function follow(page, sql) {
  await page.locator('.cm-content').fill(sql);
  await page.getByRole('button', { name: 'Run live' }).click();
}

const firstPerson = (page) => page.getByRole('gridcell').first().textContent({ timeout: 1_000 });

test('rows appear as their events are posted, the newest where the query orders it', async () => {
  const page = await openWorkbench(browser, `${city.url}/sql?lang=en`, { wide: 1440, high: 900 });
  await follow(page, SCANS);
  await page.getByText(/^Live since/).waitFor();
  await page.getByText('no change yet').waitFor();
  await page.getByText('No rows yet').waitFor();
  for (const n of [1, 2]) {
    await city.take([scan(n)]);
    await eventually(`scan ${n} is the first row`, async () => (await firstPerson(page)) === `KHACH-MOI-${n}`);
  }
  await page.getByText('last change').last().waitFor();
  await page.getByText('rows with a blue edge have just changed').waitFor();
  assert.deepEqual(await page.locator('.fresh').allTextContents(), [
    await page.getByRole('row').filter({ hasText: 'KHACH-MOI-2' }).textContent(),
  ]);
  assert.equal(await page.getByRole('gridcell', { name: /^KHACH-MOI/ }).count(), 2);
  assert.deepEqual(page.wrongs, []);
  await page.getByRole('button', { name: 'Stop live' }).click();
  await city.take([scan(3)]);
  await page.getByText(/^Live since/).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.fresh').count(), 0);
  assert.equal(await page.getByRole('gridcell', { name: /^KHACH-MOI/ }).count(), 2);
  await page.context().close();
});

test('rows sorted by their reader stay sorted as they change', async () => {
  const page = await openWorkbench(browser, `${city.url}/sql?lang=en`, { wide: 1440, high: 900 });
  await city.take([scan(5)]);
  await follow(page, SCANS);
  await page.getByRole('gridcell', { name: 'KHACH-MOI-5' }).waitFor();
  await page.getByRole('columnheader', { name: 'person' }).click();
  await city.take([scan(6)]);
  await page.getByRole('gridcell', { name: 'KHACH-MOI-6' }).waitFor();
  const names = await page.getByRole('gridcell', { name: /^KHACH-MOI/ }).allTextContents();
  assert.deepEqual(names, names.toSorted());
  await page.context().close();
});

test('a grouping is kept by each change and its row changes in place', async () => {
  const page = await openWorkbench(browser, `${city.url}/sql?lang=en`, { wide: 1440, high: 900 });
  const count = async () => Number((await page.getByRole('gridcell').nth(1).textContent({ timeout: 1_000 })) ?? '');
  await follow(page, "SELECT venue, count(*) AS n FROM scans WHERE venue = 'CHO-HOM' GROUP BY venue");
  const before = await eventually('the first count', async () => (await count()) || undefined);
  await page.getByText('kept by each change').waitFor();
  await city.take([scan(10)]);
  await eventually('one more', async () => (await count()) === before + 1);
  assert.equal(await page.getByRole('row').count(), 2);
  await page.context().close();
});

test('after the server was away the rows go on without gap or repeat', async () => {
  const page = await openWorkbench(browser, `${city.url}/sql?lang=en`, { wide: 1440, high: 900 });
  await city.take([scan(20)]);
  await follow(page, SCANS);
  await eventually('the first rows', async () => (await firstPerson(page)) === 'KHACH-MOI-20');
  const held = await page.getByRole('gridcell', { name: /^KHACH-MOI/ }).count();
  await city.killServer();
  await page.getByText('Connection lost').waitFor();
  await city.startServer();
  await page.getByText(/^Live since/).waitFor();
  await city.take([scan(21)]);
  await eventually('the next row', async () => (await firstPerson(page)) === 'KHACH-MOI-21');
  assert.equal(await page.getByRole('gridcell', { name: /^KHACH-MOI/ }).count(), held + 1);
  await page.context().close();
});

test('Run follows what is written as SUBSCRIBE, in its order, and its file is what stands within', async () => {
  const page = await openWorkbench(browser, `${city.url}/sql?lang=en`, { wide: 1440, high: 900 });
  await city.take([scan(30)]);
  await page.locator('.cm-content').fill(`-- khách mới\nsubscribe (${SCANS});`);
  await page.locator('.cm-content').press('Control+Enter');
  await page.getByText(/^Live since/).waitFor();
  await eventually('the first rows', async () => (await firstPerson(page)) === 'KHACH-MOI-30');
  await city.take([scan(31)]);
  await eventually('the newest is first', async () => (await firstPerson(page)) === 'KHACH-MOI-31');
  assert.equal(await page.getByText('These rows answer the query run before.').count(), 0);
  await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download Parquet' }).click()]);
  assert.deepEqual(page.wrongs, []);
  await page.context().close();
});

test('a query that cannot be followed says why', async () => {
  const page = await openWorkbench(browser, `${city.url}/sql?lang=en`, { wide: 1440, high: 900 });
  await follow(page, 'SELECT onst FROM cases');
  await page.getByRole('alert').getByText('onst').waitFor();
  await page.getByRole('button', { name: 'Run live' }).waitFor();
  await page.context().close();
});
