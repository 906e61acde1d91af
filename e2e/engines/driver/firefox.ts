import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess } from './child-process.ts';
import type { EngineBrowser, OpenOptions } from './engine-browser.ts';
import { connectPuppeteer } from './puppeteer-browser.ts';

/** Firefox on a profile folder, driven by WebDriver BiDi. */
export async function openFirefox({ profile, downloads, pageScript }: OpenOptions): Promise<EngineBrowser> {
  mkdirSync(profile, { recursive: true });
  const prefs = Object.entries(preferences(downloads)).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, 'user.js'), prefs.join(''));
  const started = await startProcess(
    process.env['FIREFOX_PATH'] ?? 'firefox-esr',
    ['--remote-debugging-port=0', '--profile', profile, '--no-remote', '--headless', 'about:blank'],
    { ready: /WebDriver BiDi listening on (ws:\/\/\S+)/, env: { MOZ_CRASHREPORTER_DISABLE: '1' } },
  );
  const endpoint = `${started.said}/session`;
  return connectPuppeteer({ started, endpoint, protocol: 'webDriverBiDi', downloads, pageScript });
}

/** Firefox saves files without a question, fetches nothing from elsewhere, and does not ask about a crash. */
function preferences(downloads: string): Record<string, string | number | boolean> {
  return {
    'app.normandy.enabled': false,
    'app.update.enabled': false,
    'browser.aboutwelcome.enabled': false,
    'browser.download.dir': downloads,
    'browser.download.folderList': 2,
    'browser.download.useDownloadDir': true,
    'browser.download.always_ask_before_handling_new_types': false,
    'browser.helperApps.neverAsk.saveToDisk': 'application/json',
    'browser.safebrowsing.downloads.enabled': false,
    'browser.safebrowsing.malware.enabled': false,
    'browser.safebrowsing.phishing.enabled': false,
    'browser.sessionstore.resume_from_crash': false,
    'browser.shell.checkDefaultBrowser': false,
    'browser.startup.page': 0,
    'datareporting.policy.dataSubmissionEnabled': false,
    // A test uses two devices at the same time, so neither may be treated as a background tab.
    'dom.min_background_timeout_value': 4,
    'dom.timeout.enable_budget_timer_throttling': false,
    'extensions.getAddons.cache.enabled': false,
    'extensions.update.enabled': false,
    'focusmanager.testmode': true,
    'intl.accept_languages': 'en-GB, en',
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'security.sandbox.content.level': 0,
    'signon.rememberSignons': false,
    'toolkit.startup.max_resumed_crashes': -1,
    'toolkit.telemetry.enabled': false,
    'toolkit.telemetry.reportingpolicy.firstRun': false,
  };
}
