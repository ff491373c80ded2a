/** The workbench asks the real service and shows what it says. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { holdsItsWidth, launch, openWorkbench } from './lib/browser.mjs';
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
  return openWorkbench(browser, `${city.url}/sql?lang=${lang}${hash}`, { wide, high });
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

test('a wrong name is put right with a click, in the query and in the other language too', async () => {
  const page = await workbench();
  await write(page, "SELECT person\nFROM cases\nWHERE onst IS NULL OR found = 'community'");
  const alert = page.getByRole('alert');
  await alert.getByText('Không có cột onst').waitFor();
  await alert.getByRole('button', { name: 'Dòng 3, cột 7' }).click();
  await page.locator('.cm-editor.cm-focused').waitFor();
  await alert.getByRole('button', { name: 'Sửa thành onset' }).click();
  await page.locator('.cm-content').getByText('WHERE onset IS NULL').waitFor();
  await page.locator('.cm-content').press('Control+Enter');
  await page.getByText(/^\d+\s+hàng$/).waitFor();
  assert.equal(await alert.count(), 0);
  await page.context().close();
});

test('rows are sorted by a click on a name: up, down, as they came; nothing known is last', async () => {
  const page = await workbench({ lang: 'en' });
  const values = "('Đống Đa', 9), ('Ba Đình', NULL), ('Ứng Hòa', 100), ('Cầu Giấy', 10)";
  await write(page, `SELECT column1 AS ten, column2 AS n FROM (VALUES ${values}) v`);
  const column = async (nth) => {
    const cells = await page.getByRole('gridcell').allTextContents();
    return cells.filter((_, at) => at % 2 === nth);
  };
  const head = (name) => page.getByRole('columnheader', { name: new RegExp(`^${name} ?(text|integer)`) });
  const sorted = (name, way) =>
    head(name)
      .and(page.locator(`[aria-sort="${way}"]`))
      .waitFor();
  await head('ten').waitFor();
  const came = await column(0);
  await head('n').click();
  await sorted('n', 'ascending');
  assert.deepEqual(await column(1), ['9', '10', '100', '–']);
  await head('n').click();
  await sorted('n', 'descending');
  assert.deepEqual(await column(1), ['100', '10', '9', '–']);
  await head('n').click();
  await sorted('n', 'none');
  assert.deepEqual(await column(0), came);
  // By the keyboard: up from the first row to the names, Enter sorts.
  await page.getByRole('gridcell').first().click();
  for (const key of ['ArrowUp', 'Enter']) await page.keyboard.press(key);
  await sorted('ten', 'ascending');
  assert.deepEqual(await column(0), ['Ba Đình', 'Cầu Giấy', 'Đống Đa', 'Ứng Hòa']);
  await closed(page);
});

test('several cells are taken with Shift and copied as a spreadsheet takes them, with their sum', async () => {
  const page = await workbench({ lang: 'en' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await write(page, "SELECT n.value AS n, 'Chợ' AS noi FROM generate_series(1, 3) n ORDER BY n");
  await page.getByRole('gridcell').first().click();
  for (const key of ['Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowRight']) await page.keyboard.press(key);
  await page.getByText('6 cells · sum 6 · mean 2.0').waitFor();
  await page.keyboard.press('Control+c');
  await page.getByText('Copied 6 cells').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '1\tChợ\n2\tChợ\n3\tChợ');
  await page.getByRole('button', { name: 'Copy rows' }).click();
  await page.getByText('Copied 3 rows').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'n\tnoi\n1\tChợ\n2\tChợ\n3\tChợ');
  await closed(page);
});

test('each table says how many rows it has and when they were counted', async () => {
  const page = await workbench({ lang: 'en' });
  await page.getByRole('heading', { name: /^Tables rows at .*\d\d:\d\d$/ }).waitFor();
  const summaries = page.locator('aside summary', { has: page.locator('code') });
  for (const table of ['cases', 'residents', 'visits']) {
    await summaries.filter({ hasText: new RegExp(`^${table}\\s+\\d+\\s*$`) }).waitFor();
  }
  const entry = page.locator('details', { has: page.locator('summary', { hasText: /^residents/ }) });
  await entry.locator('summary').click();
  await entry.getByText(/^24 rows at .*\d\d:\d\d\./).waitFor();
  await entry.getByRole('button', { name: 'Count again' }).waitFor();
  await entry.getByRole('button', { name: 'Show first rows' }).click();
  await page.locator('.cm-content').getByText('SELECT * FROM residents LIMIT 100').waitFor();
  await page.getByText(/^24\s+rows$/).waitFor();
  await closed(page);
});

test('a result says how many rows were read for it', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, "SELECT count(*) AS n FROM residents WHERE district = 'none'");
  await page.getByText(/^1\s+rows$/).waitFor();
  await page.getByText(/^read\s+24\s+rows$/).waitFor();
  await closed(page);
});

test('the map is moved by wheel, buttons, keys and hand, and fits its data again', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, 'SELECT name, lat, lon FROM venues WHERE lat IS NOT NULL');
  const map = page.getByRole('group', { name: /^Map:/ });
  await map.waitFor();
  const scale = () => map.locator('.length').textContent();
  const fitted = await eventually('the map is drawn', async () => (await scale()) || undefined);
  const nowOther = (before) => eventually('the scale is another', async () => (await scale()) !== before);
  const fit = page.getByRole('button', { name: 'Fit the data' });
  assert.ok(await fit.isDisabled());
  await map.hover();
  await page.mouse.wheel(0, -900);
  await nowOther(fitted);
  await fit.click();
  await eventually('it fits again', async () => (await scale()) === fitted);
  for (let n = 0; n < 3; n += 1) await page.getByRole('button', { name: 'Zoom in' }).click();
  await nowOther(fitted);
  await map.focus();
  await page.keyboard.press('0');
  await eventually('it fits again', async () => (await scale()) === fitted);
  for (let n = 0; n < 4; n += 1) await page.keyboard.press('+');
  await nowOther(fitted);
  await page.keyboard.press('0');
  const { x, y, width, height } = await map.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 80, y + height / 2 + 20, { steps: 4 });
  await page.mouse.up();
  await eventually('it was moved', () => fit.isEnabled());
  await closed(page);
});

test('cells that are whole numbers make a map too, and where there are several its reader chooses', async () => {
  const page = await workbench({ lang: 'en' });
  const cells = 'h3_cell_int(lat, lon, 8) AS o8, h3_cell(lat, lon, 9) AS o9';
  await write(page, `SELECT name, ${cells} FROM venues WHERE lat IS NOT NULL`);
  const map = page.getByRole('group', { name: /^Map:/ });
  const scale = () => map.locator('.length').textContent({ timeout: 1_000 });
  await eventually('the map is drawn', async () => (await scale()) || undefined);
  const placed = page.getByLabel('Placed by');
  assert.deepEqual(await placed.locator('option').allTextContents(), ['o8', 'o9']);
  assert.equal(await page.getByText('No row has a place.').count(), 0);
  await placed.selectOption({ label: 'o9' });
  assert.equal(await page.getByText('No row has a place.').count(), 0);
  await write(page, 'SELECT h3_cell_int(lat, lon, 8) AS o8 FROM venues WHERE lat IS NOT NULL');
  await placed.waitFor({ state: 'detached' });
  await map.waitFor();
  await closed(page);
});

test('two fingers zoom the map', async () => {
  const page = await workbench({ lang: 'en', wide: 390, high: 844 });
  await write(page, 'SELECT name, lat, lon FROM venues WHERE lat IS NOT NULL');
  const map = page.getByRole('group', { name: /^Map:/ });
  await map.waitFor();
  const fit = page.getByRole('button', { name: 'Fit the data' });
  const { x, y, width, height } = await map.boundingBox();
  const client = await page.context().newCDPSession(page);
  const fingers = (apart) =>
    [-apart, apart].map((dx, id) => ({ x: Math.round(x + width / 2 + dx), y: Math.round(y + height / 2), id }));
  const touch = (type, touchPoints) => client.send('Input.dispatchTouchEvent', { type, touchPoints });
  await touch('touchStart', fingers(20));
  for (const apart of [30, 45, 60]) await touch('touchMove', fingers(apart));
  await touch('touchEnd', []);
  await eventually('it was zoomed', () => fit.isEnabled());
  await closed(page);
});

test('counts by day open as a curve beside their rows, places as a map, and the own choice stays', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, "SELECT DATE '2021-10-01' + n.value AS day, n.value AS cases FROM generate_series(1, 5) n");
  await page.getByRole('button', { name: 'Both', pressed: true }).waitFor();
  await page.getByRole('img', { name: 'cases by day' }).waitFor();
  await page.getByRole('group', { name: /^Chart:/ }).focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('.legend').getByText('2 Oct 2021').waitFor();
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

test('Escape in the query stops it too', async () => {
  const page = await workbench({ lang: 'en' });
  await write(page, ENDLESS);
  await page.getByRole('button', { name: /^Stop/ }).waitFor();
  await page.locator('.cm-content').press('Escape');
  await page.getByText('Stopped.').waitFor();
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

test('on a phone what runs or is followed is stopped where its rows are', async () => {
  const page = await workbench({ lang: 'en', wide: 390, high: 844 });
  await write(page, ENDLESS);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText('Stopped.').waitFor();
  await page.getByRole('button', { name: 'Query', exact: true }).click();
  await page.locator('.cm-content').fill('SELECT code, level FROM districts');
  await page.getByRole('button', { name: 'Run live' }).click();
  await page.getByText(/^Live since/).waitFor();
  await page.getByRole('button', { name: 'Stop live' }).click();
  await page.getByText(/^Live since/).waitFor({ state: 'detached' });
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
  assert.match(await readFile(await file.path(), 'utf8'), /^\uFEFFten,n\r?\nHoàng Mai,2\r?\n$/);
  await closed(page);
});

test('a query is saved, deleted and brought back, and a link opens it elsewhere', async () => {
  const page = await workbench({ lang: 'en' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await write(page, "SELECT 'Bạch Mai' AS noi");
  await page.getByRole('button', { name: 'Save…' }).click();
  await page.getByRole('textbox', { name: 'Name of the query' }).fill('Ca ở Bạch Mai');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Ca ở Bạch Mai' }).waitFor();
  const saved = page.locator('details', { has: page.locator('summary', { hasText: /^Saved/ }) });
  await saved.getByRole('button', { name: /^Delete/ }).click();
  await saved.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await saved.getByRole('button', { name: /^Ca ở Bạch Mai/ }).waitFor();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Copied').waitFor();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  await closed(page);
  const other = await workbench({ lang: 'en', hash: link.hash });
  await other.locator('.cm-content').getByText("SELECT 'Bạch Mai' AS noi").waitFor();
  await closed(other);
});

test('what is deleted from the history comes back, and what ran since stays', async () => {
  const page = await workbench({ lang: 'en' });
  const ran = page.locator('details', { has: page.locator('summary', { hasText: /^History/ }) });
  for (const n of [1, 2]) {
    await write(page, `SELECT ${n} AS lan`);
    await page.getByRole('gridcell', { name: String(n), exact: true }).waitFor();
  }
  await ran.locator('summary').click();
  await ran.getByRole('button', { name: 'Delete: SELECT 1 AS lan' }).click();
  await write(page, 'SELECT 3 AS lan');
  await page.getByRole('gridcell', { name: '3', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await ran.getByRole('button', { name: /^SELECT 1 AS lan/ }).waitFor();
  const names = await ran.locator('.q').allTextContents();
  assert.deepEqual(
    names.map((name) => name.slice(0, 8)),
    ['SELECT 3', 'SELECT 2', 'SELECT 1'],
  );
  await closed(page);
});

test('what was being written is there after a reload, and a broken link says so', async () => {
  const page = await workbench({ lang: 'en' });
  await page.locator('.cm-content').fill("SELECT 'chưa chạy'");
  await eventually('the draft is kept', () =>
    page.evaluate(() => sessionStorage.getItem('vonglau.sql.draft')?.includes('chưa chạy')),
  );
  await page.reload();
  await page.locator('.cm-content').getByText("SELECT 'chưa chạy'").waitFor();
  await closed(page);
  const broken = await workbench({ lang: 'en', hash: '#q=%%' });
  await broken.getByRole('alert').getByText('This link has lost a part').waitFor();
  await closed(broken);
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

for (const lang of ['vi', 'en']) {
  test(`each worked question stands on one line, also where the list is narrowest: ${lang}`, async () => {
    const page = await workbench({ lang, wide: 1200 });
    const questions = page.locator('aside details').first().locator('.q');
    await questions.first().waitFor();
    await page.evaluate(() => document.fonts.ready);
    const titles = await questions.allTextContents();
    assert.ok(titles.length >= 12);
    // The one that is chosen has stronger letters.
    for (const [nth, title] of titles.entries()) {
      await questions.nth(nth).click();
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
      assert.equal(await questions.nth(nth).evaluate(({ offsetHeight }) => offsetHeight), 30, title);
    }
    await closed(page);
  });
}

for (const [wide, high] of [
  [1920, 1080],
  [1100, 800],
  [390, 844],
  [320, 640],
]) {
  test(`all is reached without scrolling sideways at ${wide} pixels`, async () => {
    const page = await workbench({ wide, high });
    await write(page, 'SELECT * FROM cases');
    await page.getByText(/^\d+\s+hàng$/).waitFor();
    assert.ok(await holdsItsWidth(page));
    await closed(page);
  });
}
