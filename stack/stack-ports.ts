import type { WantedPort } from './config.ts'
import { freePortNear, isFree } from './ports.ts'
import type { Say } from './say.ts'
import { StackError } from './stack-error.ts'

/** The default port of something, or another one, said on screen, when it is taken. */
export async function takeDefaultPort(what: string, wanted: number, say: Say): Promise<number> {
  const port = await freePortNear(wanted)
  if (port !== wanted) say(`Port ${wanted} is taken: ${what} uses ${port}.`)
  return port
}

/**
 * A port that may have been set by an environment variable.
 * @throws StackError when it was, and is taken
 */
export async function takePort(
  what: string,
  variable: string,
  wanted: WantedPort,
  host: string,
  say: Say,
): Promise<number> {
  if (!wanted.explicit) return takeDefaultPort(what, wanted.port, say)
  if (await isFree(wanted.port, host)) return wanted.port
  throw new StackError(
    `Port ${wanted.port} of ${host} is taken, and ${variable} asks for it for ${what}. ` +
      `End what listens there (lsof -i :${wanted.port}), or set ${variable} to another port.`,
  )
}
