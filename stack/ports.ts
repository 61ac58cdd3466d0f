import { createServer } from 'node:net'
import { randomInt } from 'node:crypto'

// Below what systems hand out for outgoing connections, so that nothing takes the port between the
// choice and the server's bind.
const LOWEST = 18_000
const HIGHEST = 32_000
const LOOPBACK = '127.0.0.1'

const chosen = new Set<number>()

/** A port on 127.0.0.1 that is free, and was not given to anyone else in this process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(LOWEST, HIGHEST)
    if (chosen.has(port)) continue
    chosen.add(port)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST} on ${LOOPBACK}`)
}

/** Whether a port of an address can be listened on now. */
export function isFree(port: number, host: string = LOOPBACK): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** The wanted port when it is free, else another one. */
export async function freePortNear(wanted: number): Promise<number> {
  if (chosen.has(wanted) || !(await isFree(wanted))) return freePort()
  chosen.add(wanted)
  return wanted
}
