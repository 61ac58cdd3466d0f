import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Longest that the core may take to answer, in milliseconds. */
const PATIENCE_MS = 2_000

/**
 * A port of this machine that is free: the core of Temporal's SDK serves its metrics at an address of its
 * own, and does not say which port it took.
 */
export async function reservePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What Temporal's SDK counts, as it names it; a comment where it does not answer. */
export async function readCoreMetrics(port: number): Promise<string> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    return await (await fetch(`http://127.0.0.1:${port}/metrics`, { signal })).text()
  } catch {
    return "# Temporal's SDK does not answer.\n"
  }
}
