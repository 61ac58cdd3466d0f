import { waitUntilReady, type RunningProcess } from './server-process.ts'
import type { WorkFolder } from './work-folder.ts'

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
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.arrayBuffer()
  return response.ok
}
