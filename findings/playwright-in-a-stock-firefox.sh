#!/bin/sh
# Subject: Playwright's channel `moz-firefox`, which drives a Firefox that is not Playwright's own build by WebDriver BiDi.
# Versions: @playwright/test's playwright-core 1.65.1; Debian 12, firefox-esr 153.7.0esr; Node.js 20 or newer.
#
# One expects: `browser.newContext()` gives a context, as with the browsers that Playwright downloads.
# What happens: it throws, because Playwright sends `emulation.setMediaFeaturesOverride`, a command that this Firefox does
# not know. The launch before it succeeds. puppeteer-core drives the same Firefox.
# Source: https://playwright.dev/docs/api/class-browsertype names the channels; the command is in https://w3c.github.io/webdriver-bidi/.
#
# Prints what was seen, and exits with 1 if that has changed.
set -eu
if ! command -v firefox-esr >/dev/null; then
  apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends firefox-esr >/dev/null
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 puppeteer-core@25.16.0 >/dev/null
cat >seen.mjs <<'END'
import { firefox } from 'playwright-core';
import puppeteer from 'puppeteer-core';

const executablePath = '/usr/bin/firefox-esr';
const browser = await firefox.launch({ channel: 'moz-firefox', executablePath });
console.log('playwright: launched');
const outcome = await browser.newContext().then(
  () => 'a context',
  (error) => /emulation\.\w+|$/.exec(error.message)[0],
);
console.log(`playwright: newContext gives ${outcome}`);
await browser.close();
const other = await puppeteer.launch({ browser: 'firefox', executablePath });
const page = await (await other.createBrowserContext()).newPage();
await page.goto('data:text/html,<title>page</title>');
console.log(`puppeteer: a page in a context of its own, titled ${await page.title()}`);
await other.close();
END
seen=$(node seen.mjs)
echo "$seen"
test "$seen" = 'playwright: launched
playwright: newContext gives emulation.setMediaFeaturesOverride
puppeteer: a page in a context of its own, titled page'
