import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProcess } from '@backtide/stack/processes/server-process'
import { freePort } from '@backtide/stack/servers/ports'
import { stopCleanly } from '@backtide/stack/servers/stop-cleanly'
import { expect, it, onTestFinished } from 'vitest'

const PATIENCE_MS = 200

it('a QuestDB that does not answer is stopped without a clean point, and that is said', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as AddressInfo
  expect(await stopAt(port)).toMatch(/no clean point.* will be read back/)
})

it('a QuestDB that is gone is stopped without a clean point, and that is said', async () => {
  expect(await stopAt(await freePort())).toMatch(/no clean point.* will be read back/)
})

/** Stops a process as if it were the QuestDB of that port; what was said meanwhile. */
async function stopAt(port: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-stop-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const running = startProcess({
    name: 'QuestDB',
    command: 'sleep',
    args: ['600'],
    logFile: join(folder, 'log'),
  })
  onTestFinished(() => running.kill())
  const said: string[] = []
  const server = { ...running, clientConf: `http::addr=127.0.0.1:${port};` }
  await stopCleanly(server, (line) => said.push(line), PATIENCE_MS).stop()
  expect(await running.exited).toMatchObject({ signal: 'SIGTERM' })
  return said.join('\n')
}
