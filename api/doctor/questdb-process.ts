import { readdir, readFile, readlink, statfs } from 'node:fs/promises'
import type { Finding } from '@backtide/core/finding'

/** Free bytes below which QuestDB may soon suspend tables. */
const LITTLE = 10e9

/** Share of a limit that is left alone. */
const HALF = 2

/**
 * QuestDB as a process, where it is one of this machine and this user: its memory maps, open files, and
 * the disk it writes to. On other systems than Linux, and of a QuestDB elsewhere, only what is known is said.
 */
export async function examineQuestDbProcess(url: URL | undefined): Promise<readonly Finding[]> {
  if (process.platform !== 'linux') return []
  const most = Number(await readFile('/proc/sys/vm/max_map_count', 'utf8'))
  const pid = url && LOOPBACK.has(url.hostname) ? await findListener(Number(url.port)) : undefined
  if (pid === undefined) {
    const detail = `vm.max_map_count is ${most} here; QuestDB's process cannot be looked at from here`
    return [{ check: 'memory maps', ...judgeMaps(0, most), detail }]
  }
  const maps = (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n').length - 1
  return [
    {
      check: 'memory maps',
      ...judgeMaps(maps, most),
      detail: `${maps} of ${most} that vm.max_map_count allows`,
    },
    await examineFiles(pid),
    ...(await examineDisk(pid)),
  ]
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

function judgeMaps(used: number, most: number): Pick<Finding, 'state' | 'fix'> {
  if (used < most / HALF) return { state: 'ok' }
  return { state: 'warning', fix: 'sysctl -w vm.max_map_count=1048576 on the machine of QuestDB' }
}

async function examineFiles(pid: string): Promise<Finding> {
  const [open, limits] = await Promise.all([
    readdir(`/proc/${pid}/fd`),
    readFile(`/proc/${pid}/limits`, 'utf8'),
  ])
  const most = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity)
  const found = { check: 'open files', detail: `${open.length} of ${most}` }
  if (open.length < most / HALF) return { ...found, state: 'ok' }
  return { ...found, state: 'warning', fix: 'ulimit -n 1048576 for QuestDB, and start it again' }
}

/** QuestDB is started with `-d FOLDER`. */
async function examineDisk(pid: string): Promise<readonly Finding[]> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  const folder = words[words.indexOf('-d') + 1]
  if (!words.includes('-d') || !folder) return []
  const { bavail, bsize, blocks } = await statfs(folder)
  const [free, all] = [bavail * bsize, blocks * bsize]
  const detail = `${(free / 1e9).toFixed(1)} of ${(all / 1e9).toFixed(0)} GB are free for ${folder}`
  if (free > LITTLE) return [{ check: 'disk', state: 'ok', detail }]
  const fix = 'make room: QuestDB suspends a table whose rows do not fit'
  return [{ check: 'disk', state: 'warning', detail, fix }]
}

/** The process that listens on a port; undefined where it is somebody else's. */
async function findListener(port: number): Promise<string | undefined> {
  const sockets = new Set(await listeningSockets(port))
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const owns = await Promise.all(pids.map((pid) => hasSocket(pid, sockets)))
  return pids.find((_, index) => owns[index])
}

/** https://docs.kernel.org/networking/proc_net_tcp.html */
async function listeningSockets(port: number): Promise<readonly string[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  )
  return tables
    .flatMap((table) => table.trimEnd().split('\n').slice(1))
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      const isIt = state === LISTEN && Number.parseInt(local.split(':')[1] ?? '', 16) === port
      return isIt ? [`socket:[${inode}]`] : []
    })
}

const LISTEN = '0A'

async function hasSocket(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const links = await readdir(folder).catch(() => [])
  const targets = await Promise.all(links.map((fd) => readlink(`${folder}/${fd}`).catch(() => '')))
  return targets.some((target) => sockets.has(target))
}
