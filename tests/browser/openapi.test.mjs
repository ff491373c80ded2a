/** The page that describes the HTTP contract, under the policy that all pages are served with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, openPage, reads, shot } from './lib/browser.mjs';
import { City } from './lib/city.mjs';

test('every path of the contract is described, in both languages', async (t) => {
  const city = await City.start();
  t.after(() => city.stop());
  const browser = await launch();
  t.after(() => browser.close());
  const page = await openPage(browser, `${city.url}/openapi`, { wide: 1440, high: 900 });
  await reads(page.getByRole('heading', { level: 1 }), 'Vọng Lâu · API');
  const { paths } = await (await fetch(`${city.url}/openapi.json`)).json();
  const operations = Object.values(paths).flatMap((methods) => Object.keys(methods));
  await reads(page.getByRole('heading', { level: 2 }), 'Kiểu dữ liệu');
  assert.equal(await page.locator('.method').count(), operations.length);
  await shot(page, 'openapi');
  await page.getByRole('button', { name: 'English' }).click();
  await reads(page.getByRole('heading', { level: 2 }), 'Types');
  assert.deepEqual(page.wrongs, []);
  await page.context().close();
});
