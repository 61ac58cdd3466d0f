import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import type { WantedPort } from '../config.ts'
import type { Say } from '../say.ts'
import { StackError } from '../stack-error.ts'

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

/** The default port of something, or another one, said on screen, when it is taken. */
export async function takeDefaultPort(what: string, wanted: number, say: Say): Promise<number> {
  const port = await freePortNear(wanted)
  if (port !== wanted) say(`Port ${wanted} is taken: ${what} uses ${port}.`)
  return port
}

/**
 * A port that may have been set by somebody.
 * @throws StackError when it was, and is taken
 */
export async function takePort(
  what: string,
  { port, setBy }: WantedPort,
  host: string,
  say: Say,
): Promise<number> {
  if (setBy === undefined) return takeDefaultPort(what, port, say)
  if (await isFree(port, host)) return port
  throw new StackError(
    `Port ${port} of ${host} is taken, and ${setBy} asks for it for ${what}. ` +
      `End what listens there (lsof -i :${port}), or set ${setBy} to another port.`,
  )
}

/** The wanted port when it is free, else another one. */
async function freePortNear(wanted: number): Promise<number> {
  if (chosen.has(wanted) || !(await isFree(wanted))) return freePort()
  chosen.add(wanted)
  return wanted
}
