/** The HTML report in a real browser: it runs its own script, nobody else's, and asks nothing of anyone. */
import assert from 'node:assert/strict';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type RenderStyle, render } from '../../lib/report/index.ts';
import { aPackage } from '../support/builders.ts';
import { listenOnLoopback } from '../support/loopback.ts';
import { aTempDirectory } from '../support/temp.ts';
import { aFailure, anEventfulReport, aReport, aVerdict, RULES } from './a-report.ts';

const STYLE: RenderStyle = { color: false, verbose: false, quiet: false, rules: RULES };
const executablePath = findBrowser();
const skip = executablePath === undefined ? 'no Chromium on the PATH, nor named by NPMSIGN_CHROMIUM' : false;

// The paper, and the ink of everything that is coloured; run in the page.
const COLOURS = `[
  getComputedStyle(document.body).backgroundColor,
  ...[document.body, ...document.querySelectorAll('.effect, .trust')].map((element) => getComputedStyle(element).color),
]`;

describe('an HTML report in a browser', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  after(() => browser.close());

  it('runs its own script, complains of nothing, and requests nothing but itself', async () => {
    const { page, requested, complaints } = await opened(browser, eventful());
    assert.equal(await page.locator('#count').textContent(), '6 of 6 shown');
    assert.deepEqual(complaints, []);
    assert.deepEqual(requested, [page.url()]);
  });

  it('does not run a script or load an image that somebody slipped into the file', async (t) => {
    const asked: string[] = [];
    const stranger = await listenOnLoopback((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    t.after(stranger.close);
    const slipIn = (text: string) => text.replace('</body>', `${intruders(stranger.origin)}</body>`);
    const { page, complaints } = await opened(browser, slipIn(eventful()));
    await page.waitForLoadState('networkidle');
    assert.notEqual(await page.title(), 'taken');
    assert.deepEqual(asked, []);
    assert.match(complaints.join('\n'), /script-src/);
    assert.match(complaints.join('\n'), /img-src|default-src/);

    const withoutPolicy = slipIn(eventful().replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''));
    const unguarded = await opened(browser, withoutPolicy);
    await unguarded.page.waitForLoadState('networkidle');
    assert.equal(await unguarded.page.title(), 'taken');
    assert.deepEqual(asked, ['/pixel']);
  });

  it('filters by effect and by name, and unfolds what it found', async () => {
    const { page } = await opened(browser, eventful());
    for (const box of await page.locator('[name=effect]:not([value=fail])').all()) await box.uncheck();
    assert.deepEqual(await namesShown(page), ['helper@0.0.1', 'left-pad@1.3.0']);
    for (const box of await page.locator('[name=effect]').all()) await box.check();
    await page.locator('#find').fill('@ACME/');
    const found = await namesShown(page);
    assert.ok(found.length > 0 && found.every((name) => name.startsWith('@acme/')), found.join(', '));
    await page.locator('#unfold').click();
    assert.equal(await page.locator('li[data-effect]:visible > details:not([open])').count(), 0);
    await page.locator('#fold').click();
    assert.equal(await page.locator('details[open] >> visible=true').count(), 0);
  });

  it('shows markup in a name as text, and not as an element', async () => {
    const name = '<img src=x onerror="document.title=\'taken\'">';
    const pkg = aPackage({ id: { name, version: '1.0.0' }, chain: ['project', name] });
    const verdict = aVerdict({ package: pkg, outcomes: [aFailure('provenance', name, name)] });
    const { page, requested } = await opened(browser, render(aReport([verdict]), 'html', STYLE));
    assert.equal(await page.locator('img').count(), 0);
    assert.notEqual(await page.title(), 'taken');
    assert.match((await page.locator('li[data-effect] b').first().textContent()) ?? '', /<img src=x/);
    assert.deepEqual(requested, [page.url()]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`keeps a contrast of 4.5 to 1 for every effect and trust in a ${colorScheme} room`, async () => {
      const { page } = await opened(browser, eventful());
      await page.emulateMedia({ colorScheme });
      const [paper = '', ...inks] = await page.evaluate<string[]>(COLOURS);
      assert.ok(inks.length > 6);
      for (const ink of new Set(inks)) assert.ok(contrast(ink, paper) >= 4.5, `${ink} on ${paper}`);
    });
  }
});

function eventful(): string {
  return render(anEventfulReport(), 'html', STYLE);
}

function intruders(origin: string): string {
  return `<script>document.title = 'taken'</script><img src="${origin}/pixel">`;
}

/** A page opened from disk, with all it asked for and complained of. */
async function opened(browser: Browser, text: string) {
  const file = join(aTempDirectory('html'), 'report.html');
  writeFileSync(file, text);
  const page = await browser.newPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return { page, requested, complaints };
}

/** What a person would call found: entries that are neither hidden nor merely on the way to one. */
async function namesShown(page: Page): Promise<readonly string[]> {
  return page
    .locator('li[data-effect]:not([hidden]):not(.through)')
    .evaluateAll((entries) => entries.map((entry) => entry.getAttribute('data-name') ?? ''));
}

/** Contrast ratio of two `rgb(…)` colours (WCAG 2.2, 1.4.3). */
function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function findBrowser(): string | undefined {
  const { NPMSIGN_CHROMIUM: named, PATH: searched = '' } = process.env;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  const folders = searched.split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...(named === undefined ? [] : [named]), ...candidates].find(canRun);
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
