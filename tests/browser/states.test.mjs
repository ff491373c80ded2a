/** How fresh the picture is, seen for real: sources fall silent, NATS and the server die and come back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage, reads, shot } from './lib/browser.mjs';
import { City } from './lib/city.mjs';
import { eventually } from './lib/wait.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** What a browser itself says about a server that is gone is no fault of the page. */
const GONE = /WebSocket connection to|Failed to load resource: (net::ERR_|the server responded with a status of 503)/;

async function started(t, options) {
  const city = await City.start(options);
  t.after(() => city.stop());
  return city;
}

async function onWall(t, city, path = '/', size = {}) {
  const page = await openPage(browser, city.url + path, size);
  t.after(async () => {
    await page.context().close();
    assert.deepEqual(
      page.wrongs.filter((wrong) => !GONE.test(wrong)),
      [],
    );
  });
  return page;
}

let scans = 0;
function scanNow() {
  scans += 1;
  const at = new Date().toISOString().slice(0, 19) + 'Z';
  return {
    kind: 'scan',
    id: `s${scans}`,
    at,
    person: `NGUOI-${scans}`,
    venue: 'CHO',
    mode: 'person_qr',
    direction: 'in',
  };
}

/** The state's word beside the clock. */
const state = (page) => page.locator('.clock b');
const detail = (page) => page.locator('.clock .t2').first();

test('a fresh city waits, says so without a number, and shows the first steps', async (t) => {
  const city = await started(t);
  const page = await onWall(t, city);
  await reads(state(page), 'Đang chờ');
  for (const step of ['Bước 1', 'Bước 2', 'Bước 3']) await page.getByText(step).waitFor();
  const figures = await page.locator('main .value[data-figure]').allInnerTexts();
  assert.ok(figures.length >= 6 && figures.every((text) => text.trim() === '–'), figures.join());
  await page.locator('li[data-district]').nth(29).waitFor();
  await reads(page.locator('h1 > span').last(), (await city.get('/api/v1/status')).headline.vi);
  await shot(page, 'wall-empty-1920x1080');
  await page.getByRole('button', { name: 'English' }).click();
  await reads(state(page), 'Waiting');
  const desk = await onWall(t, city, '/district/007', { wide: 1440, high: 900 });
  await desk.getByText('Quận Hai Bà Trưng').waitFor();
  await desk.locator('tr:has([data-ward]) .num').first().waitFor();
  const ofWards = await desk.locator('tr:has([data-ward]) .num').allInnerTexts();
  assert.ok(ofWards.length >= 16 && ofWards.every((text) => text.trim() === '–'), ofWards.join());
  await shot(desk, 'desk-empty-1440x900');
});

test('when nothing comes any more the data has stopped, and with the next scan it is live again', async (t) => {
  const city = await started(t, { environment: { VONGLAU_CITY__STOPPED_AFTER_S: '3' } });
  const page = await onWall(t, city);
  await city.take([scanNow()]);
  await reads(state(page), 'Dữ liệu dừng');
  await page.locator('main .hatch').waitFor();
  assert.match(await detail(page).innerText(), /^đã \d+ giây$/);
  await page.locator('main .map.frozen').waitFor();
  await reads(page.locator('h1 > span').last(), (await city.get('/api/v1/status')).headline.vi);
  await shot(page, 'wall-stopped-1920x1080');
  await city.take([scanNow()]);
  await eventually('it is live', async () => (await state(page).innerText()) === 'Trực tiếp');
  assert.equal(await page.locator('main .hatch').count(), 0);
});

test('without NATS the connection counts as lost, the picture stays, and it comes back with NATS', async (t) => {
  const city = await started(t);
  const page = await onWall(t, city);
  await city.take([scanNow()]);
  await reads(state(page), 'Trực tiếp');
  await reads(page.locator('[data-figure="scans_today"]'), '1 hôm nay');
  await city.killNats();
  await reads(state(page), 'Mất kết nối');
  await reads(detail(page), 'không tới được NATS');
  await reads(page.locator('[data-figure="scans_today"]'), '1 hôm nay');
  await city.startNats();
  await eventually('it is heard again', async () => (await state(page).innerText()) !== 'Mất kết nối');
  await city.take([scanNow()]);
  await reads(state(page), 'Trực tiếp');
  await reads(page.locator('[data-figure="scans_today"]'), '2 hôm nay');
});

test('three seconds after the server died the page says so, keeps its picture, and goes on when it is back', async (t) => {
  const city = await started(t);
  const page = await onWall(t, city);
  await city.take([scanNow(), scanNow()]);
  await reads(page.locator('[data-figure="scans_today"]'), '2 hôm nay');
  await reads(state(page), 'Trực tiếp');
  const killed = Date.now();
  await city.killServer();
  await reads(state(page), 'Mất kết nối');
  assert.ok(Date.now() - killed > 2_500, 'a short break is not told');
  await reads(detail(page), 'Đang nối lại');
  await reads(page.locator('h1 > span').last(), 'Mất kết nối với máy chủ. Đang giữ hình cuối cùng.');
  await reads(page.locator('[data-figure="scans_today"]'), '2 hôm nay');
  await shot(page, 'wall-lost-1920x1080');
  await city.startServer();
  await eventually('it is heard again', async () => (await state(page).innerText()) !== 'Mất kết nối');
  await city.take([scanNow()]);
  await reads(state(page), 'Trực tiếp');
  await reads(page.locator('[data-figure="scans_today"]'), '3 hôm nay');
});

test('each page says whose time it is, that it is open to everybody, and how much was refused', async (t) => {
  const environment = { VONGLAU_CITY__CLOCK: 'simulated', VONGLAU_CITY__STOPPED_AFTER_S: '3600' };
  const city = await started(t, { environment, flags: ['--allow-anonymous'] });
  const page = await onWall(t, city);
  const refused = await city.take([
    { kind: 'tick', id: 't1', at: '2021-10-15T08:00:00+07:00' },
    { ...scanNow(), at: '2021-10-15T07:59:00+07:00' },
    { kind: 'scan', id: 'x', at: '2021-10-15T07:59:00+07:00', person: '12', venue: 'CHO', mode: 'person_qr' },
  ]);
  assert.equal(refused.rejected.length, 1);
  const tags = page.locator('.brand .tag');
  await eventually('three tags', async () => (await tags.count()) === 3);
  const said = ['Thời gian mô phỏng', 'Mở, không cần đăng nhập', '1 sự kiện bị từ chối'];
  assert.deepEqual(await tags.allInnerTexts(), said);
  await reads(page.locator('.clock .time .n').first(), '08:00:00');
  const desk = await onWall(t, city, '/district/007?lang=en', { wide: 1440, high: 900 });
  await desk.getByText('Simulated time').waitFor();
  await desk.getByText('Open without sign-in').waitFor();
  const phone = await onWall(t, city, '/', { wide: 390, high: 844, scale: 2 });
  for (const tag of said) await phone.getByText(tag).waitFor();
});
