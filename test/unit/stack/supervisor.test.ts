import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSupervisor } from '@backtide/stack/processes/supervisor'
import {
  startProcess,
  waitUntilReady,
  type RunningProcess,
} from '@backtide/stack/processes/server-process'
import { expect, it, onTestFinished, vi } from 'vitest'

it('starts again what ended by itself, and says so', async () => {
  const said: string[] = []
  const supervisor = createSupervisor(
    (line) => said.push(line),
    () => {},
  )
  const first = await supervisor.start(async () => sleeper())
  first.process.kill('SIGKILL')
  const second = await vi.waitFor(() => {
    const [now] = supervisor.running()
    if (!now || now.process.pid === first.process.pid) throw new Error('not back yet')
    return now
  }, 10_000)
  expect(said.join('\n')).toMatch(/sleeper was ended by SIGKILL[^]*again in 1 s[^]*is back/)
  await supervisor.stop()
  expect(await second.exited).toMatchObject({ signal: 'SIGTERM' })
})

it('lets everything rest once it is stopped, last started first', async () => {
  const supervisor = createSupervisor(
    () => {},
    () => {},
  )
  const ended: string[] = []
  for (const name of ['database', 'api']) {
    const running = await supervisor.start(async () => sleeper(name))
    void running.exited.then(() => ended.push(name))
  }
  await supervisor.stop()
  expect(ended).toEqual(['api', 'database'])
  expect(supervisor.running()).toEqual([])
})

it('stops what came up while it was being stopped', async () => {
  const supervisor = createSupervisor(
    () => {},
    () => {},
  )
  const gate = new AbortController()
  const starting = supervisor.start(async () => {
    await once(gate.signal, 'abort')
    return sleeper()
  })
  await supervisor.stop()
  gate.abort()
  expect(await (await starting).exited).toMatchObject({ signal: 'SIGTERM' })
})

it('shows the end of the log when something does not come up', async () => {
  const running = shell('echo no room left; exit 3')
  const failure = waitUntilReady(running, async () => false)
  await expect(failure).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(/ended with code 3[^]*\| no room left[^]*Whole log: /),
  })
})

it('says so when a program is not there at all', async () => {
  const running = startProcess({ name: 'Ghost', command: '/no/such', args: [], logFile: logFile() })
  await expect(waitUntilReady(running, async () => false)).rejects.toThrow(
    /Ghost ended with code 127[^]*\/no\/such/,
  )
})

function sleeper(name = 'sleeper'): RunningProcess {
  return shell('exec sleep 600', name)
}

function shell(command: string, name = 'shell'): RunningProcess {
  const running = startProcess({ name, command: 'sh', args: ['-c', command], logFile: logFile() })
  onTestFinished(() => running.kill())
  return running
}

function logFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-supervisor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'log')
}
