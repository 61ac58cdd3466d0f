import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeProcess, stillRuns } from '@backtide/stack/processes/process-birth'
import { takeDataFolder } from '@backtide/stack/up-lock'
import { describe, expect, it, onTestFinished } from 'vitest'

const ADDRESSES = {
  api: 'http://127.0.0.1:1',
  temporal: '127.0.0.1:2',
  temporalUi: null,
  questdb: 'http://127.0.0.1:3',
  s3: 'http://127.0.0.1:4',
  metrics: 'http://127.0.0.1:4/metrics',
}

describe('the lock of a data folder', () => {
  it('lets one stack in, and tells the second where the first is', async () => {
    const folder = dataDir()
    const lock = await takeDataFolder(folder, () => {})
    lock.note({ children: [], addresses: ADDRESSES })
    await expect(takeDataFolder(folder, () => {})).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(
        /already runs[^]*BACKTIDE_DATA_DIR[^]*http:\/\/127\.0\.0\.1:1/,
      ),
    })
    lock.release()
    const next = await takeDataFolder(folder, () => {})
    next.release()
  })

  it('of a crashed run is taken over; servers it left are stopped, and that is said', async () => {
    const folder = dataDir()
    const left = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
    const gone = new Promise((resolve) => left.once('exit', (_, signal) => resolve(signal)))
    writeLock(folder, {
      owner: { name: 'backtide up', pid: await deadPid(), born: 'x' },
      children: [describeProcess('QuestDB', left.pid ?? 0)],
    })
    const said: string[] = []
    const lock = await takeDataFolder(folder, (line) => said.push(line))
    expect(await gone).toBe('SIGTERM')
    expect(said.join('\n')).toMatch(/did not end cleanly[^]*QuestDB \(process \d+\) still runs/)
    lock.release()
  })

  it('is not fooled by another process that got the number of the crashed one', async () => {
    const folder = dataDir()
    const stranger = { name: 'QuestDB', pid: process.pid, born: 'Thu Jan  1 00:00:00 1970' }
    expect(stillRuns(stranger)).toBe(false)
    writeLock(folder, { owner: stranger, children: [stranger] })
    const lock = await takeDataFolder(folder, () => {})
    lock.release()
  })

  it('that was cut short is taken over', async () => {
    const folder = dataDir()
    writeFileSync(join(folder, 'up.lock'), '{"owner":')
    const lock = await takeDataFolder(folder, () => {})
    lock.release()
  })
})

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function writeLock(folder: string, held: unknown): void {
  writeFileSync(join(folder, 'up.lock'), JSON.stringify(held))
}

function deadPid(): Promise<number> {
  const child = spawn('true')
  return new Promise((resolve) => child.once('exit', () => resolve(child.pid ?? 0)))
}
