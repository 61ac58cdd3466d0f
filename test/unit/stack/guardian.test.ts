import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'

const STACK = fileURLToPath(new URL('../../../stack', import.meta.url))
const TSX = import.meta.resolve('tsx')

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'what a process started ends with it after %s, grandchildren included',
  async (signal) => {
    const { parent, family } = await startFamily()
    expect(family.map(runs)).toEqual([true, true])
    parent.kill(signal)
    await vi.waitFor(() => expect(family.map(runs)).toEqual([false, false]), 15_000)
  },
)

it('one that does not listen to SIGTERM is killed', { timeout: 20_000 }, async () => {
  const { parent, family } = await startFamily("trap '' TERM; ")
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(family.map(runs)).toEqual([false, false]), 15_000)
})

/** A process that starts, by `startProcess`, a shell that starts a sleep. */
async function startFamily(setup = '') {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-guardian-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const script = join(folder, 'parent.mts')
  const shell = `${setup}sleep 600 & echo $$ $! > ${folder}/pids; wait; wait`
  writeFileSync(
    script,
    `import { startProcess } from ${JSON.stringify(join(STACK, 'processes', 'server-process.ts'))}
     startProcess({ name: 'shell', command: 'sh', args: ['-c', ${JSON.stringify(shell)}],
       logFile: ${JSON.stringify(join(folder, 'log'))} })
     setInterval(() => {}, 1000)`,
  )
  const parent = spawn(process.execPath, ['--import', TSX, script], { stdio: 'inherit' })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const family = await vi.waitFor(() => {
    const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ').map(Number)
    expect(pids).toHaveLength(2)
    return pids
  }, 15_000)
  return { parent, family }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // Ended, but nobody has asked how: it does not run.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' && isMac
  }
}

const isMac = process.platform === 'darwin'
