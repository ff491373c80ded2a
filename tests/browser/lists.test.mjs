/** What is behind a case, a venue or a cell, where it is longer than a page. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CAFES, CHAIN, FIRST_CASE, FRIENDS, GUESTS, HALL, crowd, link } from './lib/crowd.mjs';
import { holdsItsWidth, launch, openPage, reads, shot } from './lib/browser.mjs';
import { City } from './lib/city.mjs';
import { BY_EVENTS } from './lib/story.mjs';
import { eventually } from './lib/wait.mjs';

const PAGE_ROWS = 100;
const WORDS = {
  vi: { more: 'Xem thêm', shown: (n) => `Đang hiện ${n} dòng, còn nữa.`, anew: 'Đọc lại từ đầu' },
  en: { more: 'Show more', shown: (n) => `${n} rows shown, there are more.`, anew: 'Read anew' },
};
let city;
let browser;

before(async () => {
  city = await City.start({ environment: BY_EVENTS });
  await city.take(crowd());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await city?.stop();
});

/** A panel on the wall; nothing but `expected` may have gone wrong when the test is over. */
async function open(t, panel, { lang = 'vi', size, expected = /^$/ } = {}) {
  const page = await openPage(browser, `${city.url}/?panel=${panel}&lang=${lang}`, size);
  await page.locator('aside h2').waitFor();
  t.after(async () => {
    await page.context().close();
    assert.deepEqual(
      page.wrongs.filter((wrong) => !expected.test(wrong)),
      [],
    );
  });
  return page;
}

const chooseTab = (page, name) => page.locator('aside').getByRole('tab', { name, exact: true }).click();
const rowsOf = (page) => page.locator('aside table.rows').last().locator('tbody tr');

/** The list grows by a page at each asking until it is as long as the API's, in its order. */
async function walks(page, items, named, lang = 'vi') {
  assert.ok(items.length > PAGE_ROWS, `${items.length} rows`);
  const aside = page.locator('aside');
  const more = aside.getByRole('button', { name: WORDS[lang].more });
  for (let shown = PAGE_ROWS; shown < items.length; shown += PAGE_ROWS) {
    await eventually(`${shown} rows`, async () => (await rowsOf(page).count()) === shown);
    await aside.getByText(WORDS[lang].shown(shown)).waitFor();
    await more.click();
  }
  await eventually(`${items.length} rows`, async () => (await rowsOf(page).count()) === items.length);
  await more.waitFor({ state: 'detached' });
  const texts = await rowsOf(page).allInnerTexts();
  for (const [at, row] of items.entries()) {
    for (const part of named(row)) assert.ok(texts[at].includes(part), `row ${at}: ${part} in ${texts[at]}`);
  }
  await aside.getByRole('button', { name: WORDS[lang].anew }).click();
  await eventually('the first page anew', async () => (await rowsOf(page).count()) === PAGE_ROWS);
}

const all = async (path) => (await city.get(`/api/v1/${path}${path.includes('?') ? '&' : '?'}limit=1000`)).items;
/** What of a pseudonym is shown for sure. */
const end = (person) => person.slice(-3);

for (const lang of ['vi', 'en']) {
  test(`contacts of a case are walked page by page (${lang})`, async (t) => {
    const items = await all(`cases/${FIRST_CASE}/contacts`);
    assert.equal(items.length, GUESTS + 1);
    const page = await open(t, `case:${FIRST_CASE}`, { lang });
    await walks(page, items, (row) => [end(row.person), row.class.toUpperCase(), row.overlaps[0].venue_name], lang);
    await shot(page, `list-contacts-${lang}`);
  });

  test(`who was at a venue is shown by day and walked page by page (${lang})`, async (t) => {
    const days = { vi: ['Hôm nay', 'Hôm qua', '7 ngày', 'Tất cả'], en: ['Today', 'Yesterday', '7 days', 'All'] }[lang];
    const items = await all(`venues/${HALL}/present`);
    assert.equal(items.length, 1 + GUESTS + 1 + FRIENDS);
    const page = await open(t, `venue:${HALL}`, { lang });
    await reads(page.locator('aside h2'), 'Hội trường Hòa Bình');
    const aside = page.locator('aside');
    await aside.getByText(lang === 'vi' ? 'Không có lượt ở lại nào' : 'No stays').waitFor();
    await aside.getByRole('button', { name: days[1] }).click();
    const yesterday = await all(
      `venues/${HALL}/present?from=2021-10-16T00:00:00%2B07:00&to=2021-10-17T00:00:00%2B07:00`,
    );
    assert.equal(yesterday.length, 1 + FRIENDS);
    await walks(page, yesterday, (row) => [end(row.person)], lang);
    await aside.getByRole('button', { name: days[3] }).click();
    await walks(page, items, (row) => [end(row.person), row.class?.toUpperCase() ?? '–'], lang);
    await shot(page, `list-venue-${lang}`);
  });
}

test('contacts of second order, backward places and visits are walked page by page', async (t) => {
  const page = await open(t, `case:${FIRST_CASE}`);
  await chooseTab(page, 'F2');
  const friends = await all(`cases/${FIRST_CASE}/contacts?class=f2`);
  assert.equal(friends.length, FRIENDS);
  await walks(page, friends, (row) => [end(row.person), 'F2', end(row.via[0])]);
  await chooseTab(page, 'Nơi đã đến');
  const visits = await all(`persons/${FIRST_CASE}/visits`);
  assert.equal(visits.length, CAFES + 1);
  await walks(page, visits, () => ['14/10']);
  await page.goto(`${city.url}/?panel=case:${link(1)}`);
  await chooseTab(page, 'Truy ngược');
  const backward = await all(`cases/${link(1)}/backward`);
  assert.ok(backward.length >= CAFES, `${backward.length} rows`);
  await walks(page, backward, (row) => [`${row.f0}`]);
});

test('a chain names where each was met, and is followed further when asked', async (t) => {
  const page = await open(t, `case:${FIRST_CASE}`);
  await chooseTab(page, 'Chuỗi lây');
  const cases = page.locator('aside .tree li');
  await eventually('four links', async () => (await cases.count()) === 1 + 4);
  assert.ok((await cases.first().innerText()).includes(`${GUESTS} F1`));
  await page.locator('aside').getByRole('button', { name: 'Xem các đời sau' }).click();
  await eventually('the whole chain', async () => (await cases.count()) === 1 + CHAIN);
  assert.ok((await cases.last().innerText()).includes(`Cà phê số ${CHAIN - 1}`));
  await shot(page, 'list-chain');
});

test('the venues of a cell are walked page by page', async (t) => {
  const { items } = await city.get('/api/v1/hexes?layer=risk&res=9');
  const venues = await all(`venues?cell=${items[0][0]}`);
  assert.equal(venues.length, CAFES + 1);
  const page = await open(t, `cell:${items[0][0]}`);
  await walks(page, venues, (row) => [row.name]);
});

test('a page that cannot be read is told, and read when asked again', async (t) => {
  const page = await open(t, `case:${FIRST_CASE}`, { expected: /Failed to load resource/ });
  await page.route(/cursor=/, (route) => route.abort());
  const aside = page.locator('aside');
  await aside.getByRole('button', { name: 'Xem thêm' }).click();
  await aside.getByText('Không đọc được danh sách người tiếp xúc').waitFor();
  assert.equal(await rowsOf(page).count(), PAGE_ROWS, 'what was read stays');
  await page.unroute(/cursor=/);
  await aside.getByRole('button', { name: 'Thử lại ngay' }).click();
  await eventually('the second page', async () => (await rowsOf(page).count()) === 2 * PAGE_ROWS);
});

test('what nobody knows is said to be unknown, not broken', async (t) => {
  const page = await open(t, 'case:KHONG-CO', { expected: /status of 404/ });
  await page.locator('aside').getByText('có thể đã được đính chính').first().waitFor();
  await page.goto(`${city.url}/?panel=venue:KHONG-CO&lang=en`);
  await page.locator('aside').getByText('it may have been corrected').first().waitFor();
});

for (const wide of [320, 390]) {
  test(`lists hold the width of a phone of ${wide} px`, async (t) => {
    const page = await open(t, `case:${FIRST_CASE}`, { size: { wide, high: 800 } });
    const content = page.locator('aside .content');
    const holds = async (what) => {
      await page.locator('aside').getByRole('link').first().waitFor();
      const [inner, outer] = await content.evaluate((box) => [box.scrollWidth, box.clientWidth]);
      assert.ok(inner <= outer, `${what}: ${inner} in ${outer}`);
      assert.ok(await holdsItsWidth(page), what);
    };
    for (const name of ['Tiếp xúc', 'F2', 'Chuỗi lây', 'Truy ngược', 'Nơi đã đến']) {
      await chooseTab(page, name);
      if (name !== 'Truy ngược') await holds(name);
    }
    await page.goto(`${city.url}/?panel=venue:${HALL}`);
    await page.locator('aside').getByRole('button', { name: 'Tất cả' }).click();
    await rowsOf(page).first().waitFor();
    await holds('the venue');
    const { items } = await city.get('/api/v1/hexes?layer=risk&res=9');
    await page.goto(`${city.url}/?panel=cell:${items[0][0]}`);
    await rowsOf(page).first().waitFor();
    await holds('the cell');
  });
}
