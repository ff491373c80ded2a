/** The workbench asks the real service and shows what it says. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { holdsItsWidth, launch, openPage } from './lib/browser.mjs';
import { City } from './lib/city.mjs';
import { BY_EVENTS, story } from './lib/story.mjs';
import { eventually } from './lib/wait.mjs';

/** It reads on and on with little memory. */
const ENDLESS =
  'SELECT sum(a.value * b.value % 7) FROM generate_series(1, 50000) a CROSS JOIN generate_series(1, 10000000) b';
const TIMEOUT_S = '3';
let city;
let browser;

before(async () => {
  city = await City.start({ environment: { ...BY_EVENTS, VONGLAU_SQL__STATEMENT_TIMEOUT_S: TIMEOUT_S } });
  await city.take(story());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await city?.stop();
});

function workbench({ lang = 'vi', wide = 1440, high = 900, hash = '' } = {}) {
  return openPage(browser, `${city.url}/sql?lang=${lang}${hash}`, { wide, high });
}

async function write(page, sql) {
  const code = page.locator('.cm-content');
  await code.fill(sql);
  await code.press('Control+Enter');
}

/** Also that the page has kept to its policy and said nothing wrong. */
async function closed(page) {
  assert.deepEqual(page.wrongs, []);
  await page.context().close();
}

test('a query runs by the keyboard, its rows are shown, and no list of names stays open', async () => {
  const page = await workbench();
  await page.locator('.cm-content').fill('');
  await page.locator('.cm-content').pressSequentially('SELECT 1234567 AS so');
  await page.locator('.cm-content').press('Control+Enter');
  await page.getByRole('gridcell', { name: '1.234.567' }).waitFor();
  assert.equal(await page.locator('.cm-tooltip-autocomplete').count(), 0);
  await closed(page);
});

test('Escape closes the list of names', async () => {
  const page = await workbench();
  await page.locator('.cm-content').fill('');
  await page.locator('.cm-content').pressSequentially('SELECT cas');
  await page.locator('.cm-tooltip-autocomplete').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.cm-tooltip-autocomplete').waitFor({ state: 'detached' });
  await closed(page);
});

test('a wrong column is marked where it stands', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, 'SELECT onst FROM cases');
  await page.getByRole('alert').getByText('Line 1, column 8').waitFor();
  await page.locator('.cm-lintRange-error').waitFor();
  await page.context().close();
});

test('counts by day open as a curve beside their rows, places as a map, and the own choice stays', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, "SELECT DATE '2021-10-01' + n.value AS day, n.value AS cases FROM generate_series(1, 5) n");
  await page.getByRole('button', { name: 'Both', pressed: true }).waitFor();
  await page.getByRole('img', { name: 'cases by day' }).waitFor();
  await write(page, 'SELECT name, lat, lon FROM venues WHERE lat IS NOT NULL');
  await page.getByRole('img', { name: 'Map' }).waitFor();
  await page.getByRole('button', { name: 'Table', exact: true }).click();
  await write(page, 'SELECT name, lat, lon FROM venues WHERE lat IS NOT NULL ORDER BY name');
  await page.getByRole('gridcell', { name: 'Cà phê Góc Phố' }).waitFor();
  await page.getByRole('button', { name: 'Table', pressed: true }).waitFor();
  await closed(page);
});

test('a pseudonym is not cut, and a cell is copied by the keyboard', async () => {
  const page = await workbench({ lang: 'en' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await write(page, "SELECT person, 'x' AS y FROM cases ORDER BY person LIMIT 1");
  const cell = page.getByRole('gridcell').first();
  const person = await cell.textContent();
  assert.ok(await cell.evaluate((one) => one.scrollWidth <= one.clientWidth));
  await cell.click();
  await page.getByRole('grid').focus();
  await page.keyboard.press('Control+c');
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), person);
  await closed(page);
});

test('ten thousand rows scroll with few of them in the page, and what is left out is said', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, 'SELECT n.value AS n FROM generate_series(1, 20000) n ORDER BY n');
  await page.getByText('Only the first 10,000 rows are shown').waitFor();
  const grid = page.getByRole('grid');
  await grid.evaluate((box) => (box.scrollTop = box.scrollHeight));
  await page.getByRole('gridcell', { name: '10,000' }).waitFor();
  assert.ok((await page.getByRole('row').count()) < 100);
  await closed(page);
});

test('Stop ends a long query and says so', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, ENDLESS);
  await page.getByRole('button', { name: /^Stop/ }).click();
  await page.getByText('Stopped.').waitFor();
  await page.getByRole('button', { name: /^Run Ctrl/ }).waitFor();
  await closed(page);
});

test('a query that takes longer than allowed says which bound it met and what to do', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, ENDLESS);
  const alert = page.getByRole('alert');
  await alert.getByText('Narrow the time in WHERE').waitFor({ timeout: 60_000 });
  await alert.getByText(`statement_timeout_s = ${TIMEOUT_S}`).waitFor();
  await page.context().close();
});

test('rows are downloaded as CSV named by their moment', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, "SELECT 'Hoàng Mai' AS ten, 2 AS n");
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  assert.match(file.suggestedFilename(), /^vonglau-2021-10-\d\dT\d{6}\.csv$/);
  assert.match(await readFile(await file.path(), 'utf8'), /^ten,n\r?\nHoàng Mai,2\r?\n$/);
  await closed(page);
});

test('a query is saved, deleted and brought back, and a link opens it elsewhere', async () => {
  const page = await workbench({ lang: 'en' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await write(page, "SELECT 'Bạch Mai' AS noi");
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const saved = page.locator('details', { has: page.getByText('Saved') });
  await saved.getByRole('button', { name: /^Delete/ }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await saved.getByRole('button', { name: /^SELECT/ }).waitFor();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Copied').waitFor();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  await closed(page);
  const other = await workbench({ lang: 'en', hash: link.hash });
  await other.locator('.cm-content').getByText("SELECT 'Bạch Mai' AS noi").waitFor();
  await closed(other);
});

test('the height of the query box is moved by the keyboard and kept', async () => {
  const page = await workbench({ lang: 'en' });
  const grip = page.getByRole('separator', { name: 'Height of the query box' });
  await grip.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await grip.getAttribute('aria-valuenow'), '298');
  await page.reload();
  await eventually('the height is as it was left', async () => (await grip.getAttribute('aria-valuenow')) === '298');
  await closed(page);
});

test('a name of the catalog goes into the query where the cursor is', async () => {
  const page = await workbench({ lang: 'en' });
  await page.locator('.cm-content').fill('');
  await page.getByRole('searchbox').fill('found');
  await page
    .getByRole('button', { name: /^found / })
    .first()
    .click();
  await page.locator('.cm-content').getByText('found').waitFor();
  await closed(page);
});

for (const [wide, high] of [
  [1920, 1080],
  [1100, 800],
  [390, 844],
  [320, 640],
]) {
  test(`all is reached without scrolling sideways at ${wide} pixels`, async () => {
    const page = await workbench({ wide, high });
    await write(page, 'SELECT * FROM cases');
    await page.getByText(/\d+ hàng/).waitFor();
    assert.ok(await holdsItsWidth(page));
    await closed(page);
  });
}
