import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acquireQuestDb } from '@backtide/stack/acquire/questdb'
import { keepLogin, loginFile, type Login } from '@backtide/stack/servers/kept-login'
import { startQuestDb, type QuestDbServer } from '@backtide/stack/servers/questdb'
import { readQuestDbConf } from '@backtide/store/conf'
import { createQuestDb } from '@backtide/store/questdb'
import { sql } from '@backtide/store/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const TIMEOUT = 120_000
let folder: string
let login: Login
let server: QuestDbServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backtide-test-login-'))
  login = keepLogin(folder, () => 'backtide')
  const program = await acquireQuestDb({ env: process.env })
  server = await startQuestDb({ ...program, dataDir: folder, login })
}, TIMEOUT)

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, maxRetries: 3 })
})

describe('a QuestDB with a login', { timeout: TIMEOUT }, () => {
  it('answers statements and rows 401 without it, and 200 with it', async () => {
    const { headers } = readQuestDbConf(server.clientConf)
    const at = `${server.url}/exec?query=select%201`
    expect((await fetch(at)).status).toBe(401)
    expect((await fetch(at, { headers })).status).toBe(200)
    const wrong = `Basic ${Buffer.from('backtide:wrong').toString('base64')}`
    expect((await fetch(at, { headers: { authorization: wrong } })).status).toBe(401)
    const rows = { method: 'POST', body: 't n=1i 1\n' }
    expect((await fetch(`${server.url}/write`, rows)).status).toBe(401)
    expect((await fetch(`${server.url}/imp`, rows)).status).toBe(401)
  })

  it('loses nothing to a page in a browser that sends a statement as the address of an image', async () => {
    const db = createQuestDb(server.clientConf)
    await db.query(sql`CREATE TABLE prices (ts TIMESTAMP) TIMESTAMP(ts) PARTITION BY DAY WAL`)
    const image = { headers: { 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site' } }
    const drop = await fetch(`${server.url}/exec?query=drop%20table%20prices`, image)
    expect(drop.status).toBe(401)
    expect(await db.query(sql`SELECT table_name FROM tables()`)).toEqual([['prices']])
  })

  it('unpacks its libraries into its own folder, so that they go with it when it is killed', () => {
    const unpacked = readdirSync(join(folder, 'tmp')).filter((name) =>
      name.startsWith('libquestdb'),
    )
    expect(unpacked).toHaveLength(2)
  })

  it('answers health and metrics without it', async () => {
    expect(await (await fetch(`${server.healthUrl}/status`)).text()).toContain('Healthy')
    expect((await fetch(`${server.healthUrl}/metrics`)).status).toBe(200)
  })

  it('keeps it for its owner only, and out of its log', () => {
    const files = [loginFile(folder), join(folder, 'conf', 'server.conf')]
    expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600])
    const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
    expect(logs).toContain('questdb.log')
    for (const name of logs) {
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain(login.password)
    }
  })
})

describe('a login that is kept', () => {
  it('is the same at the next start', () => {
    expect(keepLogin(folder, () => 'another')).toEqual(login)
  })

  it('is one that any configuration and address can hold', () => {
    expect(login).toMatchObject({
      user: 'backtide',
      password: expect.stringMatching(/^[\w-]{40}$/),
    })
  })
})
