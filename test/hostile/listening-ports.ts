import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Ports of 127.0.0.1 that processes listen on whose command line names a folder (Linux only): also those
 * that nobody asked them for.
 */
export function listeningPorts(folder: string): readonly number[] {
  const owners = readdirSync('/proc').filter(
    (pid) =>
      /^\d+$/.test(pid) &&
      quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).includes(folder),
  )
  const sockets = new Set(owners.flatMap(socketsOf))
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trimEnd().split('\n')
  return lines.flatMap((line) => {
    // https://docs.kernel.org/networking/proc_net_tcp.html
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    return state === LISTEN && sockets.has(`socket:[${inode}]`) ? parseInt(local.slice(9), 16) : []
  })
}

const LISTEN = '0A'

function socketsOf(pid: string): string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).map((fd) => quietly(() => readlinkSync(join(folder, fd))))
}

/** What goes meanwhile says nothing. */
function quietly(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
