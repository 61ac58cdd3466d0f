import { readQuestDbConf } from '@backtide/store/conf'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Login } from './kept-login.ts'
import { freePort } from './ports.ts'
import { logConf, loginSettings, serverConf } from './questdb-conf.ts'
import { answers, whenReady, workFolder } from './server.ts'
import { startProcess, type RunningProcess } from '../processes/server-process.ts'

export interface QuestDbOptions {
  /** See `acquireQuestDb`. */
  readonly java: string
  readonly jar: string
  /** Where tables are kept; without it in a temporary folder that ends with the server. */
  readonly dataDir?: string
  /** Ports of HTTP (ILP, SQL, console), PostgreSQL wire and health; chosen by the system when absent. */
  readonly port?: number
  readonly pgPort?: number
  readonly healthPort?: number
  /** Compiles less: up in half the time, and slower ever after. For servers that do not live long. */
  readonly shortLived?: boolean
  /** Heap of the JVM; tables live outside of it, in memory-mapped files. */
  readonly heapMb?: number
  /** Asked for over HTTP and the PostgreSQL wire; without it everybody on this machine may do everything. */
  readonly login?: Login
  /** More lines for server.conf, over ours. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface QuestDbServer extends RunningProcess {
  /** `http://127.0.0.1:<port>`, also the web console. */
  readonly url: string
  /** For `QDB_CLIENT_CONF`, with the login. */
  readonly clientConf: string
  readonly port: number
  readonly pgPort: number
  /** `/status` and `/metrics`. */
  readonly healthUrl: string
}

/**
 * Starts a QuestDB on 127.0.0.1 and waits until it answers SQL.
 * @throws StackError when it does not come up
 */
export async function startQuestDb(options: QuestDbOptions): Promise<QuestDbServer> {
  const folder = workFolder(options.dataDir, 'questdb')
  const port = options.port ?? (await freePort())
  const pgPort = options.pgPort ?? (await freePort())
  const healthPort = options.healthPort ?? (await freePort())
  const settings = { ...loginSettings(options.login), ...options.settings }
  writeConf(folder.path, serverConf({ port, pgPort, healthPort }, settings))
  const running = startProcess({
    name: 'QuestDB',
    command: options.java,
    args: [
      ...jvmFlags(options, emptied(folder.path, 'tmp')),
      ...entryPoint(options.jar, folder.path),
    ],
    logFile: join(folder.path, 'questdb.log'),
    graceMs: 30_000,
  })
  const clientConf = clientConfOf(port, options.login)
  const { url, headers } = readQuestDbConf(clientConf)
  const probe = () => answers(`${url}/exec?query=select%201`, headers)
  const server = await whenReady(running, folder, probe)
  return {
    ...server,
    url,
    clientConf,
    port,
    pgPort,
    healthUrl: `http://127.0.0.1:${healthPort}`,
  }
}

function clientConfOf(port: number, login: Login | undefined): string {
  const credentials = login ? `username=${login.user};password=${login.password};` : ''
  return `http::addr=127.0.0.1:${port};${credentials}`
}

function jvmFlags({ heapMb = 256, shortLived }: QuestDbOptions, tmp: string): string[] {
  return [
    `-Xmx${heapMb}m`,
    ...(shortLived ? ['-XX:TieredStopAtLevel=1'] : []),
    // Native libraries are unpacked to there, 9 MB at every start, and stay when it is killed.
    `-Djava.io.tmpdir=${tmp}`,
    '-XX:+UseParallelGC',
    '-XX:-UsePerfData',
    '-Dfile.encoding=UTF-8',
    '-Djava.awt.headless=true',
  ]
}

function entryPoint(jar: string, dataDir: string): string[] {
  return ['-p', jar, '-m', 'io.questdb/io.questdb.ServerMain', '-d', dataDir]
}

function emptied(dataDir: string, name: string): string {
  const folder = join(dataDir, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

function writeConf(dataDir: string, conf: string): void {
  const folder = join(dataDir, 'conf')
  mkdirSync(folder, { recursive: true })
  // Made anew, as it holds a password and may have been readable for all.
  rmSync(join(folder, 'server.conf'), { force: true })
  writeFileSync(join(folder, 'server.conf'), conf, { mode: 0o600 })
  writeFileSync(join(folder, 'log.conf'), logConf())
}
