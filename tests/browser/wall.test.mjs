/** The wall shows what the API says. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage, reads, shot } from './lib/browser.mjs';
import { City } from './lib/city.mjs';
import { bare, clock, whole, written } from './lib/numbers.mjs';
import { ALERTS, BY_EVENTS, INDEX_CASE, MARKET_DISTRICT, story } from './lib/story.mjs';
import { eventually } from './lib/wait.mjs';

const LANGUAGES = ['vi', 'en'];
const SEVERITIES = { vi: { critical: 'Nghiêm trọng', high: 'Cao' }, en: { critical: 'Critical', high: 'High' } };
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

/** As the wall must order them: all untaken, so by severity, then the newest. */
async function alertsInOrder() {
  const { items } = await city.get('/api/v1/alerts');
  const rank = (row) => ['critical', 'high', 'medium', 'notice'].indexOf(row.severity);
  return items.sort((a, b) => rank(a) - rank(b) || (a.since > b.since ? -1 : 1));
}

/** The wall once its figures are there; nothing may have gone wrong when the test is over. */
async function onWall(t, path = '/', size = {}) {
  const page = await openPage(browser, city.url + path, size);
  await page.locator('[data-figure="f1_open"]', { hasText: /\d/ }).first().waitFor();
  await page.locator('[data-district]').first().waitFor();
  t.after(async () => {
    await page.context().close();
    assert.deepEqual(page.wrongs, []);
  });
  return page;
}

for (const lang of LANGUAGES) {
  test(`the figures of the city are on the wall (${lang})`, async (t) => {
    const { figures } = await city.get('/api/v1/city');
    const page = await onWall(t, `/?lang=${lang}`);
    for (const name of ['f0_new_24h', 'f0_active', 'f1_open', 'incidence_7d_100k', 'breaches_24h', 'scans_per_min']) {
      await reads(page.locator(`main .value[data-figure="${name}"]`), written(figures[name], lang));
    }
    const today = written(figures.scans_today, lang);
    assert.match(today, lang === 'vi' ? /^1\.\d{3}$/ : /^1,\d{3}$/, 'a number with its thousands');
    await reads(page.locator('[data-figure="scans_today"]'), `${today} ${lang === 'vi' ? 'hôm nay' : 'today'}`);
    await reads(page.locator('.clock .time .n').first(), '12:00:00');
    const said = (await city.get('/api/v1/status')).headline[lang];
    await reads(page.locator('h1 > span').last(), said);
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
  });

  test(`the league lists all districts by level and rate, as the districts' answer gives them (${lang})`, async (t) => {
    const { items } = await city.get('/api/v1/districts');
    const page = await onWall(t, `/?lang=${lang}`);
    const level = (row) => row.figures.level.value ?? 0;
    const rate = (row) => row.figures.incidence_7d_100k.value ?? -1;
    const sorted = [...items].sort((a, b) => level(b) - level(a) || rate(b) - rate(a) || (a.code < b.code ? -1 : 1));
    const rows = await page
      .locator('li[data-district]')
      .evaluateAll((found) =>
        found.map((row) => [
          row.querySelector('.name').firstChild.textContent.trim(),
          row.querySelector('[data-figure="incidence_7d_100k"]').textContent.trim(),
          row.querySelector('[data-figure="f0_new_24h"]').textContent.trim(),
        ]),
      );
    const expected = sorted.map((row) => [
      bare(row, lang),
      written(row.figures.incidence_7d_100k, lang),
      written(row.figures.f0_new_24h, lang),
    ]);
    assert.deepEqual(rows, expected);
  });

  test(`each alert has its card, in order, with the words of its row (${lang})`, async (t) => {
    const rows = await alertsInOrder();
    assert.deepEqual(
      rows.map((row) => row.rule),
      ['isolation_breach', 'isolation_breach', 'cluster'],
    );
    const page = await onWall(t, `/?lang=${lang}`);
    const cards = page.locator('main > section a[href*="panel=alert"]');
    await cards.nth(rows.length - 1).waitFor();
    const untaken = lang === 'vi' ? 'Chưa ai nhận' : 'Nobody has taken it';
    for (const [at, row] of rows.entries()) {
      const who = row.person
        ? [row.person.slice(-4)]
        : [`${whole(row.facts.f0, lang)} F0, ${whole(row.facts.f1, lang)} F1`];
      const text = (await cards.nth(at).innerText()).replaceAll('\u00a0', ' ');
      for (const part of [String(at + 1), SEVERITIES[lang][row.severity], row.venue_name, untaken, ...who])
        assert.ok(text.includes(part), `${part} in ${text}`);
    }
  });
}

test('the switch changes the language, and the next visit remembers it', async (t) => {
  const page = await onWall(t);
  assert.equal(await page.locator('html').getAttribute('lang'), 'vi');
  await page.getByRole('button', { name: 'English' }).click();
  await reads(page.locator('h1 > span').last(), (await city.get('/api/v1/status')).headline.en);
  await page.goto(city.url);
  await page.locator('html[lang="en"]').waitFor({ state: 'attached' });
});

test('a click on a coloured cell of the map opens what is behind it', async (t) => {
  const { items } = await city.get('/api/v1/hexes?layer=risk&res=9');
  const [hottest] = [...items].sort((a, b) => b[1] - a[1]);
  const page = await onWall(t);
  const canvas = page.locator('canvas').first();
  // The centre of what is painted in the colour of that cell's band, in the lens.
  const spot = await eventually('the cell is painted', () =>
    canvas.evaluate((element, band) => {
      const hex = getComputedStyle(element).getPropertyValue(`--risk-${band}`).trim().slice(1);
      const colour = [0, 2, 4].map((from) => parseInt(hex.slice(from, from + 2), 16));
      const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
      const seen = [];
      for (let at = 0; at < data.length; at += 4) {
        const x = (at / 4) % element.width;
        if (x < element.width / 2 && colour.every((value, channel) => data[at + channel] === value))
          seen.push([x, Math.floor(at / 4 / element.width)]);
      }
      const [x, y] = seen[Math.floor(seen.length / 2)] ?? [];
      return x === undefined ? undefined : { x: x / devicePixelRatio, y: y / devicePixelRatio };
    }, hottest[2]),
  );
  // The market's own pin lies on its cell.
  await page
    .locator('.map a')
    .evaluateAll((pins) => pins.forEach((pin) => pin.style.setProperty('pointer-events', 'none')));
  await canvas.click({ position: spot, force: true });
  await page.locator('aside').getByText(hottest[0]).waitFor();
  const cell = await city.get(`/api/v1/hexes/${hottest[0]}`);
  assert.equal(cell.district, MARKET_DISTRICT);
  const panel = await eventually('the cell is told', async () => {
    const text = await page.locator('aside').innerText();
    return text.includes('Hai Bà Trưng') && text.includes('Chợ Hôm') && text;
  });
  for (const person of cell.cases) assert.ok(panel.includes(person.slice(-4)), `${person} in ${panel}`);
  await shot(page, 'wall-cell');
});

test('a district opens from the league by Enter with all its figures, and Esc closes it', async (t) => {
  const { figures } = await city.get(`/api/v1/districts/${MARKET_DISTRICT}`);
  const page = await onWall(t);
  const row = page.locator(`li[data-district="${MARKET_DISTRICT}"] a`);
  await row.focus();
  await page.keyboard.press('Enter');
  const panel = page.locator('aside');
  await panel.getByRole('heading', { name: 'Quận Hai Bà Trưng' }).waitFor();
  const shown = panel.locator('td[data-figure]');
  await shown.first().waitFor();
  const names = await shown.evaluateAll((cells) => cells.map((cell) => cell.dataset.figure));
  assert.ok(names.length > 20, `${names.length} figures`);
  for (const name of names) await reads(panel.locator(`td[data-figure="${name}"]`), written(figures[name], 'vi'));
  await shot(page, 'wall-district');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  assert.ok(await row.evaluate((link) => link === document.activeElement), 'the focus is where it was');
});

test('a case opens with its contacts as the API lists them', async (t) => {
  const { items } = await city.get(`/api/v1/cases/${INDEX_CASE}/contacts`);
  assert.ok(items.length > 10, `${items.length} contacts`);
  const page = await onWall(t, `/?panel=district:${MARKET_DISTRICT}`);
  await page.locator(`aside a[title="${INDEX_CASE}"]`).first().click();
  const rows = page.locator('aside table').last().locator('tbody tr');
  await rows.nth(items.length - 1).waitFor();
  assert.equal(await rows.count(), items.length);
  for (const [at, row] of items.entries()) {
    const text = await rows.nth(at).innerText();
    const minutes = Math.round((row.seconds + row.indirect_seconds) / 60);
    for (const part of [row.person.slice(-2), row.class.toUpperCase(), 'Chợ Hôm', `${minutes} phút`])
      assert.ok(text.includes(part), `${part} in ${text}`);
  }
  await shot(page, 'wall-case');
});

test('an alert opens from its card and from its pin', async (t) => {
  const [breach] = await alertsInOrder();
  const page = await onWall(t);
  await page.locator('main > section a[href*="panel=alert"]').first().click();
  const panel = page.locator('aside');
  await panel.getByText(`lượt quét trong ngày`).waitFor();
  const text = await panel.innerText();
  for (const part of [breach.venue_name, whole(breach.value, 'vi'), clock(breach.since)])
    assert.ok(text.includes(part), `${part} in ${text}`);
  await shot(page, 'wall-alert');
  await page.keyboard.press('Escape');
  await page.locator('.map a[aria-label="cảnh báo số 3"]').click();
  await panel.getByRole('heading', { name: 'Ai ở cùng F0, bao lâu' }).waitFor();
});

test('each layer of the map has its table, with the values that the API gives', async (t) => {
  const page = await onWall(t);
  for (const [layer, name] of [
    ['risk', 'Nguy cơ'],
    ['presence', 'Có mặt'],
    ['cases', 'Ca mới'],
  ]) {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('link', { name: 'Xem dạng bảng' }).click();
    const { items } = await city.get(`/api/v1/hexes?layer=${layer}&res=8`);
    assert.ok(items.length > 0, layer);
    for (const [cell, value] of items) {
      const row = page.locator('aside tbody tr', { hasText: cell });
      await reads(
        row.locator('td').last(),
        written({ value, unit: Number.isInteger(value) ? 'cases' : 'hours' }, 'vi'),
      );
    }
    await page.keyboard.press('Escape');
    await page.locator('aside').waitFor({ state: 'detached' });
  }
});

for (const [wide, high] of [
  [1920, 1080],
  [3840, 2160],
  [1440, 900],
]) {
  test(`the wall fits ${wide} × ${high}`, async (t) => {
    const page = await onWall(t, '/', { wide, high });
    const inside = await page.locator('main').evaluate((stage) => {
      const box = stage.getBoundingClientRect();
      return box.left >= -1 && box.top >= -1 && box.right <= innerWidth + 5 && box.bottom <= innerHeight + 5;
    });
    assert.ok(inside, 'the whole stage is seen');
    await shot(page, `wall-${wide}x${high}`);
  });
}
