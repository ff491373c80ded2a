/** The workbench under what people and networks do to it: too much, too fast, broken, twice, cut off. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, openWorkbench } from './lib/browser.mjs';
import { City } from './lib/city.mjs';
import { BY_EVENTS, story } from './lib/story.mjs';
import { eventually } from './lib/wait.mjs';

const ENDLESS =
  'SELECT sum(a.value * b.value % 7) FROM generate_series(1, 50000) a CROSS JOIN generate_series(1, 10000000) b';
const OFTEN = 10;
let city;
let browser;

before(async () => {
  city = await City.start({ environment: BY_EVENTS });
  await city.take(story());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await city?.stop();
});

function workbench({ wide = 1440, high = 900, hash = '' } = {}) {
  return openWorkbench(browser, `${city.url}/sql?lang=en${hash}`, { wide, high });
}

const code = (page) => page.locator('.cm-content');
const button = (page, name) => page.getByRole('button', { name });
const cell = (page, name) => page.getByRole('gridcell', { name, exact: true });

async function write(page, sql) {
  await code(page).fill(sql);
  await code(page).press('Control+Enter');
}

/** By the clipboard, in the place of what is there. */
async function paste(page, sql) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await code(page).focus();
  await page.evaluate((text) => navigator.clipboard.writeText(text), sql);
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+v');
}

async function saved(page, name) {
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
  return readFile(await file.path(), 'utf8');
}

async function closed(page) {
  assert.deepEqual(page.wrongs, []);
  await page.context().close();
}

test('two hundred kilobytes of SQL run, are in the history, and are there after a reload', async () => {
  const page = await workbench();
  const remarks = Array.from({ length: 4_000 }, (_, n) => `-- dòng ${n}: 'nháy', "kép", /* lồng */ ORDER BY (\n`);
  const sql = `${remarks.join('')}SELECT 'dài' AS noi`;
  assert.ok(Buffer.byteLength(sql) > 200_000);
  await paste(page, sql);
  await code(page).press('Control+Enter');
  await cell(page, 'dài').waitFor();
  await page.locator('summary', { hasText: /^History 1/ }).waitFor();
  await page.waitForFunction((long) => sessionStorage.getItem('vonglau.sql.draft')?.length === long, sql.length);
  await page.reload();
  await code(page).press('Control+Enter');
  await cell(page, 'dài').waitFor();
  await closed(page);
});

test('a query started and stopped again and again leaves the next one to run', async () => {
  const page = await workbench();
  await code(page).fill(ENDLESS);
  for (let n = 0; n < OFTEN; n += 1) {
    await button(page, /^Run Ctrl/).click();
    await button(page, /^Stop/).click();
  }
  await page.getByText('Stopped.').waitFor();
  await write(page, 'SELECT 42 AS so');
  await cell(page, '42').waitFor();
  assert.equal(await page.getByText('Stopped.').count(), 0);
  await closed(page);
});

test('following switched on and off quickly ends as it was left, and says nothing wrong', async () => {
  const page = await workbench();
  await code(page).fill('SELECT code, name FROM districts ORDER BY code');
  const live = page.locator('button.live');
  for (let n = 0; n < 2 * OFTEN; n += 1) await live.click();
  assert.equal(await live.getAttribute('aria-pressed'), 'false');
  await live.click();
  await page.getByText(/^Live since/).waitFor();
  await live.click();
  await page.getByText(/^Live since/).waitFor({ state: 'detached' });
  await closed(page);
});

test('links of rubbish open the page, and nothing of them runs', async () => {
  const link = (text) => `#q=${Buffer.from(text).toString('base64url')}`;
  const broken = ['#q=%%', '#q=_', `#q=${'A'.repeat(5)}`, `#q=${Buffer.from([0xff, 0xfe]).toString('base64url')}`];
  for (const hash of broken) {
    const page = await workbench({ hash });
    await page.getByRole('alert').getByText('This link has lost a part').waitFor();
    await closed(page);
  }
  const page = await workbench({ hash: link('<img src=x onerror=alert(1)>\u0000') });
  await code(page).getByText('<img src=x onerror=alert(1)>').waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.getByRole('grid').count(), 0);
  await closed(page);
});

test('two tabs keep what either of them saves', async () => {
  const one = await workbench();
  const other = await one.context().newPage();
  await other.goto(`${city.url}/sql?lang=en`);
  for (const [page, name] of [
    [one, 'first'],
    [other, 'second'],
    [one, 'third'],
  ]) {
    await code(page).fill(`SELECT '${name}' AS noi`);
    await button(page, 'Save…').click();
    await page.getByRole('textbox', { name: 'Name of the query' }).fill(name);
    await page.keyboard.press('Enter');
  }
  for (const page of [one, other]) {
    const saved = page.locator('details', { has: page.locator('summary', { hasText: /^Saved/ }) });
    await eventually('both tabs list all three', async () => {
      const names = await saved.locator('.q').allTextContents();
      return (
        names.length === 3 && ['first', 'second', 'third'].every((name) => names.some((text) => text.startsWith(name)))
      );
    });
  }
  await closed(one);
});

test('while the server is away a query says so, and runs once it is back', async () => {
  const page = await workbench();
  await write(page, 'SELECT 1 AS so');
  await cell(page, '1').waitFor();
  await city.killServer();
  await write(page, 'SELECT 2 AS so');
  await page.getByRole('alert').getByText('The server cannot be reached').waitFor();
  await cell(page, '1').waitFor();
  await city.startServer();
  await eventually('it is asked again', async () => {
    await code(page).press('Control+Enter');
    return cell(page, '2')
      .waitFor({ timeout: 2_000 })
      .then(() => true);
  });
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.context().close();
});

test('Vietnamese letters are composed in the query, and nothing runs or is put in meanwhile', async () => {
  const page = await workbench();
  const client = await page.context().newCDPSession(page);
  await paste(page, "SELECT 'Ch");
  for (const text of ['o', 'ơ', 'ợ']) {
    await client.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  }
  await page.keyboard.press('Control+Enter');
  assert.equal(await page.locator('.cm-tooltip-autocomplete').count(), 0);
  await client.send('Input.insertText', { text: 'ợ' });
  await page.keyboard.insertText(" Hôm' AS noi");
  await code(page).getByText("SELECT 'Chợ Hôm' AS noi").waitFor();
  assert.equal((await page.getByRole('alert').count()) + (await page.getByRole('grid').count()), 0);
  await code(page).press('Control+Enter');
  await cell(page, 'Chợ Hôm').waitFor();
  await closed(page);
});

/** No list of names, for longer than the editor waits after a letter; one for the letters before may yet have to go. */
async function noList(page) {
  const isGone = await code(page).evaluate(
    (node) =>
      new Promise((resolve) => {
        const end = performance.now() + 10_000;
        let frames = 0;
        const look = () => {
          frames = node.getRootNode().querySelector('.cm-tooltip-autocomplete') ? 0 : frames + 1;
          if (frames === 20 || performance.now() > end) resolve(frames === 20);
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
  assert.ok(isGone, await code(page).textContent());
}

test('words within quotes and remarks are not taken for names', async () => {
  const page = await workbench();
  for (const [text, shown] of [
    ["SELECT 'cas", false],
    ['-- cas', false],
    ['SELECT cas', true],
  ]) {
    await code(page).fill('');
    await code(page).pressSequentially(text);
    if (shown) await page.locator('.cm-tooltip-autocomplete').waitFor();
    else await noList(page);
  }
  await closed(page);
});

test('sixty columns are reached by the keyboard, each whole', async () => {
  const page = await workbench();
  const columns = Array.from({ length: 60 }, (_, n) => `n.value * ${n + 1} AS cot_${n + 1}`);
  await write(page, `SELECT ${columns.join(', ')} FROM generate_series(1, 10) n ORDER BY 1`);
  await cell(page, '600').waitFor();
  await page.getByRole('gridcell').first().click();
  await page.keyboard.press('Control+End');
  const last = cell(page, '600');
  const box = await page.getByRole('grid').boundingBox();
  const at = await last.boundingBox();
  assert.ok(at.x >= box.x && at.x + at.width <= box.x + box.width + 1, 'the last column is in sight');
  assert.ok(await last.evaluate((one) => one.scrollWidth <= one.clientWidth));
  await closed(page);
});

test('values with quotes, lines and HTML are shown and downloaded as they are', async () => {
  const page = await workbench();
  const value = `<img src=x onerror="alert(1)">, 'nháy'`;
  await write(page, `SELECT '${value.replaceAll("'", "''")}' AS a, E'hai\\ndòng' AS "b, c", 12345678901234567 AS n`);
  await cell(page, value).waitFor();
  assert.equal(await page.locator('img').count(), 0);
  await cell(page, '12,345,678,901,234,567').waitFor();
  assert.equal(
    await saved(page, 'Download CSV'),
    `\uFEFFa,"b, c",n\n"${value.replaceAll('"', '""')}","hai\ndòng",12345678901234567\n`,
  );
  await closed(page);
});

test('bars and the file follow the order chosen in the table; a file the server writes says that it does not', async () => {
  const page = await workbench();
  await write(
    page,
    "SELECT column1 AS ten, column2 AS n FROM (VALUES ('Đống Đa', 9), ('Ba Đình', 100), ('Ứng Hòa', 10)) v",
  );
  await cell(page, 'Ba Đình').waitFor();
  await page.getByRole('columnheader', { name: /^n ?integer/ }).click();
  assert.equal(await saved(page, 'Download CSV'), '\uFEFFten,n\nĐống Đa,9\nỨng Hòa,10\nBa Đình,100\n');
  await button(page, 'Both').click();
  const names = page.locator('figure svg text[text-anchor="middle"]');
  await eventually('the bars stand in that order', async () => {
    return (await names.allTextContents()).join() === 'Đống Đa,Ứng Hòa,Ba Đình';
  });
  await page.getByRole('columnheader', { name: /^n ?integer/ }).click();
  await eventually(
    'and in the other',
    async () => (await names.allTextContents()).join() === 'Ba Đình,Ứng Hòa,Đống Đa',
  );
  await saved(page, 'Download Parquet');
  await page.getByText('in the query’s own order').waitFor();
  await closed(page);
});
