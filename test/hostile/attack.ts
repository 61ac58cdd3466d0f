import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Page } from 'puppeteer-core'
import type { TestBrowser } from './browser.ts'
import { SECRET, VICTIM } from './victims.ts'

const WORKFLOWS = '/api/v1/namespaces/default/workflows'
const RANGE = 'coins=BTC&from=2025-01-01&to=2025-01-02'

export const DROPS_TABLE = `/exec?query=${encodeURIComponent(`DROP TABLE ${VICTIM}`)}`
export const STARTS_WORK = `/backfill?source=sample.l2_book&${RANGE}`

/** What Temporal's Web UI takes from its own pages: reading, and ending. */
export const OF_THE_UI: readonly Attack[] = [
  { path: WORKFLOWS },
  { path: `${WORKFLOWS}/${VICTIM}/terminate`, body: '{}' },
]

/** Sent to every port: what reads or changes something on one of our servers, if it is let. */
export const ATTACKS: readonly Attack[] = [
  { path: DROPS_TABLE },
  { path: `/exec?query=${encodeURIComponent(`SELECT * FROM ${VICTIM}`)}` },
  { path: `/exp?query=${VICTIM}` },
  { path: '/write', body: `${VICTIM} secret="changed"\n` },
  { path: `/imp?name=${VICTIM}`, body: 'secret\nchanged\n' },
  ...OF_THE_UI,
  { path: `${WORKFLOWS}/${VICTIM}/signal/pause`, body: '{}' },
  {
    path: '/temporal.api.workflowservice.v1.WorkflowService/TerminateWorkflowExecution',
    body: JSON.stringify({ namespace: 'default', workflowExecution: { workflowId: VICTIM } }),
  },
  { path: STARTS_WORK },
  { path: `/coverage?dataset=sample.l2_book&${RANGE}` },
  { path: '/backfills', body: '{"dataset":"sample.l2_book","coins":["BTC"],"last":"24h"}' },
  { path: '/ledger/reset', body: '{"dataset":"sample.l2_book","coins":["BTC"],"last":"24h"}' },
  { path: `/hyperliquid-archive/${VICTIM}` },
  { path: `/hyperliquid-archive/written?x=${VICTIM}`, body: VICTIM },
  { path: '/metrics' },
]

export interface Attack {
  readonly path: string
  readonly body?: string
}

/** Not the name alone: a refusal may repeat what was asked for. */
export const TELLING = new RegExp(`${SECRET}|"workflowId": *"${VICTIM}"`)

/** What a page could read: way, address and text. */
export type Loot = readonly (readonly [way: string, url: string, text: string])[]

const HTML = `<!doctype html><body><script>${readFileSync(
  new URL('page.js', import.meta.url),
  'utf8',
)}</script>`

/** A page of another site. */
export async function openPage(browser: TestBrowser): Promise<Page> {
  await using site = await serve(() => {}, HTML)
  return await browser.open(`http://evil.test:${site.port}/`)
}

/** What a page reads of a port that its own name points to by now. */
export async function attackRebound(
  browser: TestBrowser,
  port: number,
  attacks = ATTACKS,
): Promise<Loot> {
  const page = await browser.openRebound(`http://rebound.test:${port}/`, HTML)
  const loot = await attack(page, port, attacks, 'rebound.test')
  await page.close()
  return loot
}

export async function attack(
  page: Page,
  port: number,
  attacks: readonly Attack[],
  host = '127.0.0.1',
): Promise<Loot> {
  const call = [`http://${host}:${port}`, attacks].map((one) => JSON.stringify(one)).join()
  return (await page.evaluate(`attack(${call})`)) as Loot
}

/** Leads the person who looks at a page of another site to each address. */
export async function lead(browser: TestBrowser, urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    const page = await openPage(browser)
    const gone = page.waitForNavigation({ timeout: 3_000 }).catch(() => {})
    await page.evaluate(`void setTimeout(() => (location.href = ${JSON.stringify(url)}))`)
    await gone
    await page.close()
  }
}

/** A server that answers everything alike, and everybody may read it. */
export async function serve(asked: (request: IncomingMessage) => unknown, body: string) {
  const server = createServer((request, response) => {
    asked(request)
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
    response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.setHeader('Access-Control-Allow-Headers', 'content-type, x-csrf-token')
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('Content-Type', 'text/html')
    response.end(body)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    asked(request)
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return {
    port,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections()
      return close()
    },
  }
}
