import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  describeProcess,
  stillRuns,
  type KnownProcess,
} from '@backtide/stack/processes/process-birth'
import { stopRunning } from '@backtide/stack/stop-running'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCli } from '../cli/run-cli.ts'

describe('backtide stop', () => {
  it('ends the stack of the folder, and waits until it has ended', async () => {
    const owner = await start('trap "exit 0" TERM; echo ready; while :; do sleep 0.05; done')
    const folder = dataDir({ owner, children: [] })
    const said: string[] = []
    expect(await stopRunning(folder, (line) => said.push(line))).toEqual(owner)
    expect(stillRuns(owner)).toBe(false)
    expect(said.at(-1)).toBe('Stopped.')
  })

  it('says what it waits for, and leaves alone what does not end', async () => {
    const owner = await start('trap "" TERM; echo ready; while :; do sleep 0.05; done')
    const children = [{ ...owner, name: 'the worker' }]
    const folder = dataDir({ owner, children })
    const said: string[] = []
    await expect(stopRunning(folder, (line) => said.push(line), 1_500)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/process \d+.*waits for the worker.*kill -9/i),
    })
    expect(said).toContainEqual(expect.stringMatching(/^Waiting for the worker … \d s$/))
    expect(stillRuns(owner)).toBe(true)
  })

  it('signals no process that only has the number of a stack', async () => {
    const other = await start('echo ready; while :; do sleep 0.05; done')
    const folder = dataDir({ owner: { ...other, born: 'long ago' }, children: [] })
    const said: string[] = []
    expect(await stopRunning(folder, (line) => said.push(line))).toBeUndefined()
    expect(said.at(-1)).toBe(`Nothing runs on ${folder}.`)
    expect(stillRuns(other)).toBe(true)
  })

  it('signals nothing where the system does not tell processes apart', async () => {
    const self = { owner: { name: 'backtide up', pid: process.pid, born: '' }, children: [] }
    const { code, stderr } = await stop(dataDir(self), { PATH: '' })
    expect([code, stderr]).toEqual([4, expect.stringContaining('Ctrl-C')])
  })

  it('of a folder that nobody has is done, and says so', async () => {
    const folder = dataDir()
    const run = await stop(folder, {}, '--json')
    expect(run).toEqual({
      code: 0,
      stdout: `${JSON.stringify({ dataDir: folder, stopped: null })}\n`,
      stderr: `Nothing runs on ${folder}.\n`,
    })
  })
})

function stop(folder: string, env: Record<string, string>, ...args: string[]) {
  return runCli(['stop', ...args], { env: { BACKTIDE_DATA_DIR: folder, ...env } })
}

/** A process that has begun to run its script. */
async function start(script: string): Promise<KnownProcess> {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return describeProcess('backtide up', child.pid ?? 0)
}

function dataDir(held?: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-stop-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  if (held) writeFileSync(join(folder, 'up.lock'), JSON.stringify(held))
  return folder
}
