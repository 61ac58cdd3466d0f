import chromium from '@sparticuz/chromium'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'

/** A Chromium in which every name that ends in `.test` is this machine. */
export interface TestBrowser extends AsyncDisposable {
  /** A page of its own, with its own cookies. */
  open(url: string): Promise<Page>
  /**
   * A page at an address whose name pointed to the attacker when it was loaded, and to 127.0.0.1 from
   * then on: what DNS rebinding comes to.
   */
  openRebound(url: string, html: string): Promise<Page>
}

/** Why there is no browser here; undefined where there is one. The package holds a binary for x64 only. */
export const noBrowser =
  process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : `Chromium is there for linux x64 only, and this is ${process.platform} ${process.arch}`

/** Starts a Chromium as people have it: with all of its own checks, but for those of local networks. */
export async function startBrowser(): Promise<TestBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-browser-'))
  const browser = await puppeteer.launch({
    executablePath: await unpackedIn(folder),
    // Not `chromium.args`: they turn off what keeps sites apart.
    args: [
      '--no-sandbox',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      `--disable-features=${LNA}`,
    ],
    headless: 'shell',
  })
  return {
    open: async (url) => {
      const page = await newPage(browser)
      await page.goto(url)
      return page
    },
    openRebound: async (url, html) => {
      const page = await newPage(browser)
      await page.setRequestInterception(true)
      let loaded = false
      page.on('request', (request) => {
        if (loaded) void request.continue()
        else void request.respond({ contentType: 'text/html', body: html })
        loaded = true
      })
      await page.goto(url)
      return page
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

// Recent versions ask before a page of the internet reaches this machine; others do not, so servers have
// to do without: https://developer.chrome.com/blog/local-network-access
const LNA = 'LocalNetworkAccessChecks,PrivateNetworkAccessSendPreflights'

/** The package unpacks 200 MB to where temporary files are, and leaves them there. */
async function unpackedIn(folder: string): Promise<string> {
  const { TMPDIR = '/tmp' } = process.env
  process.env['TMPDIR'] = folder
  try {
    return await chromium.executablePath()
  } finally {
    process.env['TMPDIR'] = TMPDIR
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.createBrowserContext()
  return await context.newPage()
}
