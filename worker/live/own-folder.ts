import { ConfigError } from '@backtide/config/config-error'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Takes the folder of what is collected for this process. A socket in it says whose it is: it answers as
 * long as the process lives, also to another container, and to nobody any more the moment it is killed.
 * @throws ConfigError when another process has it
 */
export async function takeFolder(root: string): Promise<{ release(): void }> {
  const token = randomUUID()
  const server = createServer((socket) => socket.on('error', () => undefined).end(token))
  const folder = openSync(root, 'r')
  const release = () => {
    server.close()
    closeSync(folder)
  }
  const path = socketPath(root, folder)
  try {
    await listen(server, path, root)
    // Of two that take it over at once, the later one has it.
    await sleep(SETTLED_MS)
    if ((await ask(path)) !== token) throw taken(root)
  } catch (error) {
    release()
    throw error
  }
  server.unref()
  return { release }
}

const SOCKET = 'owner.sock'
const SETTLED_MS = 50
const ANSWER_MS = 2_000

/** Paths of sockets are short: 107 bytes on Linux, where the folder has another name too. */
function socketPath(root: string, folder: number): string {
  const path = join(root, SOCKET)
  return Buffer.byteLength(path) < 100 ? path : `/proc/self/fd/${folder}/${SOCKET}`
}

async function listen(server: Server, path: string, root: string): Promise<void> {
  for (;;) {
    server.listen(path)
    try {
      await once(server, 'listening')
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    }
    if ((await ask(path)) !== undefined) throw taken(root)
    rmSync(path, { force: true })
  }
}

/** What the owner answers; undefined where there is none any more. */
async function ask(path: string): Promise<string | undefined> {
  const socket = connect(path).setEncoding('utf8').setTimeout(ANSWER_MS)
  socket.on('timeout', () => socket.destroy())
  let answer = ''
  try {
    for await (const text of socket) answer += String(text)
    return answer
  } catch {
    return undefined
  }
}

function taken(root: string): ConfigError {
  return new ConfigError([
    `${root}: another process collects there. End it, or set BACKTIDE_LIVE_DIR to another folder.`,
  ])
}

/**
 * Names the host in captures and holes: the name of the machine when the folder was first used, and
 * something that tells its folders apart. Containers change their names; the folder does not.
 */
export function nameOfHost(root: string): string {
  const file = join(root, 'name')
  try {
    const name = readFileSync(file, 'utf8').trim()
    if (NAME.test(name)) return name
  } catch {
    // The first start.
  }
  const machine =
    hostname()
      .replaceAll(/[^\w-]/g, '-')
      .replace(/^-+/, '')
      .slice(0, 40) || 'host'
  const name = `${machine}-${randomBytes(2).toString('hex')}`
  writeFileSync(file, `${name}\n`, { mode: 0o640 })
  return name
}

const NAME = /^\w[\w-]{0,60}$/
