import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'

const CLI = fileURLToPath(new URL('../../../cli/backtide.mjs', import.meta.url))

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A `backtide` that runs; `signal` is sent once its stderr matches. */
export async function runCli(
  args: readonly string[],
  options: {
    readonly api?: string
    readonly env?: Readonly<Record<string, string>>
    readonly interruptAt?: RegExp
    /** What is piped into it. */
    readonly input?: string
  } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [CLI, ...args], {
    // Any folder: the command must not depend on where it is called from.
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], BACKTIDE_API: options.api, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // It may end without reading.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  let stdout = ''
  let stderr = ''
  let interrupted = false
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString()
    if (!interrupted && options.interruptAt?.test(stderr)) {
      interrupted = true
      child.kill('SIGINT')
    }
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, stdout, stderr }
}

/** Serves an app on a port of its own. */
export async function serveApp(
  app: Pick<Hono, 'fetch'>,
): Promise<{ readonly address: string; [Symbol.asyncDispose](): Promise<void> }> {
  const listener = getRequestListener(app.fetch)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
