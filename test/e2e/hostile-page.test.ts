import { childEnv } from '@backtide/stack/processes/child-env'
import { startService } from '@backtide/stack/processes/service'
import { freePort } from '@backtide/stack/servers/ports'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  attack,
  attackRebound,
  ATTACKS,
  DROPS_TABLE,
  lead,
  OF_THE_UI,
  openPage,
  serve,
  STARTS_WORK,
  TELLING,
} from '../hostile/attack.ts'
import { noBrowser, startBrowser, type TestBrowser } from '../hostile/browser.ts'
import { plantVictims } from '../hostile/victims.ts'
import { listeningPorts } from '../hostile/listening-ports.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { withStack } from '../helpers/with-stack.ts'

const reason = noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`

let dataDir: string
let browser: TestBrowser

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'backtide-test-hostile-'))
  if (noBrowser === undefined) browser = await startBrowser()
})

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 })
})

describe.skipIf(noBrowser)(`a hostile page${reason}`, () => {
  it('reaches and reads a server that takes no care, in every way there is', async () => {
    const asked: string[] = []
    await using careless = await serve(
      (request) => asked.push(`${request.method} ${request.headers.upgrade ?? ''}`),
      'read',
    )
    const page = await openPage(browser)
    const loot = await attack(page, careless.port, [{ path: '/a' }, { path: '/b', body: 'c' }])
    const count = (what: string) => asked.filter((one) => one.trim() === what).length
    expect(new Set(loot.map(([way]) => way))).toEqual(
      new Set(['fetch', 'fetch with credentials', 'fetch of JSON', 'fetch with the CSRF token']),
    )
    expect({ get: count('GET'), socket: count('GET websocket'), post: count('POST') }).toEqual({
      get: 9,
      socket: 1,
      post: 6,
    })
  })

  it(
    'reads nothing of the local stack, and changes nothing on any of its ports',
    { timeout: 400_000 },
    async () => {
      await withStack(dataDir, async (stack) => {
        await using victims = await plantVictims(stack)
        const before = await victims.look()
        const { api, metrics, questdb, temporalUi } = stack.addresses
        const ours = [api, metrics].map((url) => Number(new URL(url).port))
        const ports = [...ours, ...listeningPorts(dataDir)]
        // Those of the API, the worker, QuestDB, the S3 gateway, and a dozen of Temporal.
        expect(ports.length).toBeGreaterThan(8)
        const page = await openPage(browser)
        const loot = await Promise.all(ports.map((port) => attack(page, port, ATTACKS)))
        expect(loot.flat()).toEqual([])
        await lead(browser, [
          `${api}${STARTS_WORK}`,
          `${questdb}${DROPS_TABLE}`,
          `${temporalUi}${OF_THE_UI[0]?.path}`,
        ])
        expect(await victims.look()).toEqual(before)

        const ui = Number(new URL(temporalUi ?? '').port)
        const others = ports.filter((port) => port !== ui)
        const readThere = await Promise.all(others.map((port) => attackRebound(browser, port)))
        expect(readThere.flat().filter(([, , text]) => TELLING.test(text))).toEqual([])
        expect(await victims.look()).toEqual(before)

        // The limit that SECURITY.md names: the Web UI does not look at the name it is asked by.
        const read = await attackRebound(browser, ui, OF_THE_UI)
        expect(read.filter(([, , text]) => TELLING.test(text))).not.toEqual([])
        await waitUntil('the end of the workflow', async () => {
          const { runs } = await victims.look()
          return runs[0]?.[1] === 'TERMINATED'
        })
      })
    },
  )
})

describe.skipIf(noBrowser)(`/docs in a browser${reason}`, () => {
  it.each([
    ['without a token', {}],
    ['with a token', { BACKTIDE_TOKEN: 'only-for-this-test' }],
  ])(
    'shows the API and lets nothing of it be refused by its policy, %s',
    async (_, token: { BACKTIDE_TOKEN?: string }) => {
      const port = await freePort()
      const folder = mkdtempSync(join(tmpdir(), 'backtide-test-docs-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const api = await startService({
        name: 'the API',
        root: fileURLToPath(new URL('../..', import.meta.url)),
        entry: 'api/main.ts',
        env: childEnv({ BACKTIDE_PORT: `${port}`, ...token }),
        logFile: join(folder, 'api.log'),
      })
      onTestFinished(() => api.stop())
      const page = await browser.open('about:blank')
      const complaints: string[] = []
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      if (token.BACKTIDE_TOKEN) {
        await page.authenticate({ username: 'anyone', password: token.BACKTIDE_TOKEN })
      }
      await page.goto(`http://127.0.0.1:${port}/docs`)
      await page.waitForSelector('.opblock', { timeout: 20_000 })
      expect(await page.$eval('.info .title', (title) => title.textContent)).toContain('Backtide')
      expect(complaints).toEqual([])
    },
  )
})
