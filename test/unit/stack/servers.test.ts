import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { acquireQuestDb } from '@backtide/stack/acquire/questdb'
import { acquireTemporal } from '@backtide/stack/acquire/temporal'
import { startQuestDb, type QuestDbServer } from '@backtide/stack/servers/questdb'
import { startTemporal, type TemporalServer } from '@backtide/stack/servers/temporal'
import { describe, expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)

describe('the local QuestDB', { timeout: 120_000 }, () => {
  it('keeps its tables through a kill, on the same port', async () => {
    const dataDir = temporary()
    const program = await acquireQuestDb({ env: process.env })
    const first = await startQuestDb({ ...program, dataDir })
    await sql(first, 'create table t (ts timestamp, n long) timestamp(ts) partition by day wal')
    await sql(first, "insert into t values ('2025-01-01', 7)")
    await first.kill()

    await using second = await startQuestDb({ ...program, dataDir, port: first.port })
    expect(second.clientConf).toBe(first.clientConf)
    expect(await sql(second, 'select table_name from tables()')).toEqual([['t']])
    await sql(second, "select wait_wal_table('t')")
    expect(await sql(second, 'select n from t')).toEqual([[7]])
  })

  it('answers health without a password, and creates no table from rows', async () => {
    await using server = await startQuestDb(await acquireQuestDb({ env: process.env }))
    const health = await fetch(`${server.healthUrl}/status`)
    expect(await health.text()).toContain('Healthy')
    const write = await fetch(`${server.url}/write`, { method: 'POST', body: 'unknown x=1i 1\n' })
    expect(write.ok).toBe(false)
    expect(await sql(server, 'select table_name from tables()')).toEqual([])
  })
})

describe('the local Temporal', { timeout: 60_000 }, () => {
  it('keeps its runs through a kill, for as long as asked', async () => {
    const dataDir = temporary()
    const binary = await acquireTemporal({ env: process.env })
    const options = { binary, dataDir, retentionDays: 30, searchAttributes: { Dataset: 'Keyword' } }
    const first = await startTemporal(options)
    const start = ['workflow', 'start', '--type', 'x', '--task-queue', 'q', '--workflow-id', 'kept']
    await cli(binary, first, start)
    await first.kill()

    const port = Number(first.address.split(':')[1])
    await using second = await startTemporal({ ...options, port })
    expect(second.address).toBe(first.address)
    const runs = await cli(binary, second, ['workflow', 'describe', '--workflow-id', 'kept'])
    expect(runs).toMatch(/kept/)
    const namespace = await cli(binary, second, ['operator', 'namespace', 'describe', 'default'])
    expect(namespace).toMatch(/720h/)
    const attributes = await cli(binary, second, ['operator', 'search-attribute', 'list'])
    expect(attributes).toMatch(/Dataset\s+Keyword/)
  })

  it('lives in memory without a data folder, and leaves nothing behind', async () => {
    const server = await startTemporal({ binary: await acquireTemporal({ env: process.env }) })
    const folder = dirname(server.logFile)
    expect(readdirSync(folder)).toEqual(['temporal.log'])
    await server.stop()
    expect(existsSync(folder)).toBe(false)
    expect(await server.exited).toEqual({ code: 0, signal: null })
  })
})

async function sql(server: QuestDbServer, query: string): Promise<unknown> {
  const response = await fetch(`${server.url}/exec?query=${encodeURIComponent(query)}`)
  const answer: { dataset?: unknown; error?: string } = JSON.parse(await response.text())
  if (answer.error) throw new Error(answer.error)
  return answer.dataset
}

async function cli(binary: string, server: TemporalServer, args: readonly string[]) {
  const address = ['--address', server.address, '--disable-config-file', '--disable-config-env']
  return (await run(binary, [...args, ...address])).stdout
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-server-'))
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 3 }))
  return folder
}
