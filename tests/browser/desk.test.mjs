/** The desk of a district, on a desk and on a phone, shows what the API says. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { holdsItsWidth, launch, openPage, reads, shot } from './lib/browser.mjs';
import { City } from './lib/city.mjs';
import { bare, whole, written } from './lib/numbers.mjs';
import { ALERTS, BY_EVENTS, MARKET_DISTRICT, story } from './lib/story.mjs';
import { eventually } from './lib/wait.mjs';

const DESK = `/district/${MARKET_DISTRICT}`;
const AT_A_DESK = { wide: 1440, high: 900 };
const ON_A_PHONE = { wide: 390, high: 844, scale: 2 };
let city;
let browser;

before(async () => {
  city = await City.start({ environment: BY_EVENTS, alerts: ALERTS });
  await city.take(story());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await city?.stop();
});

/** A page once its figures are there; nothing may have gone wrong when the test is over. */
async function open(t, path, size) {
  const page = await openPage(browser, city.url + path, size);
  await page.locator('[data-figure]', { hasText: /\d/ }).first().waitFor();
  t.after(async () => {
    await page.context().close();
    assert.deepEqual(page.wrongs, []);
  });
  return page;
}

async function shows(page, figures, names, lang) {
  for (const name of names) await reads(page.locator(`[data-figure="${name}"]`), written(figures[name], lang));
}

/** Rows of the table in a part of the page, each as its text. */
async function rowsOf(part, count) {
  const rows = part.locator('tbody tr');
  await eventually(`${count} rows`, async () => (await rows.count()) === count);
  return rows.allInnerTexts();
}

for (const lang of ['vi', 'en']) {
  test(`the desk shows the district's figures, alerts and wards (${lang})`, async (t) => {
    const { figures, name_vi, name_en } = await city.get(`/api/v1/districts/${MARKET_DISTRICT}`);
    const page = await open(t, `${DESK}?lang=${lang}`, AT_A_DESK);
    await reads(page.locator('header h1'), `${figures.level.value}${lang === 'vi' ? name_vi : name_en}`);
    const names = await page.locator('[data-figure]').evaluateAll((cells) => cells.map((cell) => cell.dataset.figure));
    assert.ok(names.length >= 7, `${names}`);
    await shows(page, figures, names, lang);
    const { items } = await city.get(`/api/v1/alerts?district=${MARKET_DISTRICT}`);
    assert.equal(await page.locator('a.line').count(), items.length);
    const wards = (await city.get(`/api/v1/wards?district=${MARKET_DISTRICT}`)).items;
    const known = new Map(wards.map((row) => [bare(row, lang), row.figures]));
    const rows = page.locator('tr:has([data-ward])');
    await rows.first().waitFor();
    for (const text of await rows.allInnerTexts()) {
      const [name, week, day] = text.trim().split(/\s*[\t\n]\s*/);
      assert.ok(known.has(name), `${name} is a ward`);
      assert.deepEqual(
        [week, day],
        [written(known.get(name).f0_new_7d, lang), written(known.get(name).f0_new_24h, lang)],
      );
    }
  });

  test(`cases and contacts are listed one to one (${lang})`, async (t) => {
    const cases = (await city.get(`/api/v1/cases?district=${MARKET_DISTRICT}`)).items;
    const page = await open(t, `${DESK}?lang=${lang}&tab=cases`, AT_A_DESK);
    const rows = await rowsOf(page.locator('section.table'), cases.length);
    for (const [at, row] of cases.entries()) {
      const cells = rows[at].split('\t').map((cell) => cell.trim());
      assert.ok(row.person.endsWith(cells[0]), `${cells[0]} is the end of ${row.person}`);
      assert.deepEqual(cells.slice(6, 8), [whole(row.contacts, lang), whole(row.contacts_f0, lang)]);
    }
    await shot(page, `desk-cases-${lang}`);
    const contacts = (await city.get(`/api/v1/contacts?district=${MARKET_DISTRICT}`)).items;
    assert.ok(contacts.length > 20);
    await page.locator('nav a[href*="tab=contacts"]').click();
    const followed = await rowsOf(page.locator('section.table'), contacts.length);
    for (const [at, row] of contacts.entries()) {
      assert.ok(row.person.endsWith(followed[at].split('\t')[0].trim()), `${followed[at]} is ${row.person}`);
      for (const one of row.cases) assert.ok(followed[at].includes(one.slice(-2)), `${one} in ${followed[at]}`);
    }
  });
}

test('J and K walk the alerts, Enter opens a case, Esc closes it', async (t) => {
  const { items } = await city.get(`/api/v1/alerts?district=${MARKET_DISTRICT}`);
  const page = await open(t, DESK, AT_A_DESK);
  const lines = page.locator('a.line');
  await lines.nth(items.length - 1).waitFor();
  assert.ok(items.length >= 2, `${items.length} alerts to walk`);
  const current = () =>
    lines.evaluateAll((all) => all.findIndex((line) => line.getAttribute('aria-current') === 'true'));
  assert.equal(await current(), 0);
  await page.keyboard.press('j');
  await eventually('the second is chosen', async () => (await current()) === 1);
  await page.locator('section.sheet').getByRole('heading', { name: 'Ai ở cùng F0, bao lâu' }).waitFor();
  await page.keyboard.press('k');
  await eventually('the first is chosen', async () => (await current()) === 0);
  await page.locator('nav a[href*="tab=cases"]').focus();
  await page.keyboard.press('Enter');
  await page.locator('section.table tbody a').first().focus();
  await page.keyboard.press('Enter');
  await page
    .locator('aside')
    .getByRole('heading', { name: /^Ca F0/ })
    .waitFor();
  await page.keyboard.press('Escape');
  await page.locator('aside').waitFor({ state: 'detached' });
});

test('the desk fits 1440 × 900, with the alert and its picture', async (t) => {
  const page = await open(t, DESK, AT_A_DESK);
  await page.locator('a.line', { hasText: 'Chùm tiếp xúc' }).click();
  await page.locator('section.sheet').getByRole('heading', { name: 'Ai ở cùng F0, bao lâu' }).waitFor();
  await page.locator('[data-ward]').first().waitFor();
  assert.ok(await holdsItsWidth(page));
  await shot(page, 'desk-1440x900');
});

test('the phone shows the figures of the district and of the city', async (t) => {
  const district = await city.get(`/api/v1/districts/${MARKET_DISTRICT}`);
  const page = await open(t, DESK, ON_A_PHONE);
  await shows(page, district.figures, ['f0_new_24h', 'f1_overdue_24h', 'breaches_24h'], 'vi');
  await page.locator('main a', { hasText: 'Chùm tiếp xúc' }).waitFor();
  await shot(page, 'phone-desk-390x844');
  const { figures } = await city.get('/api/v1/city');
  const list = await open(t, '/', ON_A_PHONE);
  await shows(list, figures, ['f0_new_24h', 'f0_active', 'f1_open', 'incidence_7d_100k', 'breaches_24h'], 'vi');
  await shot(list, 'phone-overview-390x844');
});

for (const wide of [320, 360, 390]) {
  test(`nothing is wider than a phone of ${wide} px`, async (t) => {
    const page = await open(t, '/', { wide, high: 640 });
    assert.ok(await holdsItsWidth(page), 'the overview');
    for (const tab of ['alerts', 'cases', 'contacts', 'venues', 'more']) {
      await page.goto(`${city.url}${DESK}?tab=${tab}`);
      await page.locator('[data-figure="f0_new_24h"]', { hasText: /\d/ }).first().waitFor();
      await page
        .locator('main')
        .getByText(/Chùm tiếp xúc|Chợ Hôm|[A-Z0-9-]{4}|Hôm nay/)
        .first()
        .waitFor();
      assert.ok(await holdsItsWidth(page), tab);
    }
    await page.goto(`${city.url}${DESK}`);
    await page.locator('main a', { hasText: 'Chùm tiếp xúc' }).click();
    await page.getByRole('heading', { name: 'Ai ở cùng F0, bao lâu' }).waitFor();
    assert.ok(await holdsItsWidth(page), 'an alert');
    await page.goto(`${city.url}/?panel=district:${MARKET_DISTRICT}`);
    await page.locator('aside td[data-figure]').first().waitFor();
    assert.ok(await holdsItsWidth(page), 'the panel of a district');
  });
}
