import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntilReady, type RunningProcess } from '../processes/server-process.ts'

/** A folder a server works in. */
export interface WorkFolder {
  readonly path: string
  /** Removes it, if it was only made for this run. */
  release(): void
}

/** The given folder, made if it is missing; without one a temporary folder for this run only. */
export function workFolder(given: string | undefined, name: string): WorkFolder {
  if (given !== undefined) {
    mkdirSync(given, { recursive: true })
    return { path: given, release: () => {} }
  }
  const path = mkdtempSync(join(tmpdir(), `backtide-${name}-`))
  return { path, release: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) }
}

/**
 * Waits until a server answers. Its temporary folder goes when it is stopped or killed; after a
 * failed start it stays, for its log.
 * @throws StackError with the end of its log when it does not come up
 */
export async function whenReady(
  running: RunningProcess,
  folder: WorkFolder,
  probe: () => Promise<boolean>,
): Promise<RunningProcess> {
  await waitUntilReady(running, probe)
  const stop = () => running.stop().then(folder.release)
  const kill = () => running.kill().then(folder.release)
  return { ...running, stop, kill, [Symbol.asyncDispose]: stop }
}

/** True when a loopback address answers with 2xx within two seconds. */
export async function answers(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(2_000) })
  await response.arrayBuffer()
  return response.ok
}
