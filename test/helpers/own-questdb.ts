import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startQuestDb, type QuestDbServer } from '@backtide/stack/servers/questdb'
import { createQuestDb, type QuestDb, type Row } from '@backtide/store/questdb'
import { sql } from '@backtide/store/sql'
import { waitApplied } from '@backtide/store/wait-applied'
import { inject } from 'vitest'

/** What a test asks of a QuestDB besides what Backtide does. */
export interface SteeredQuestDb {
  readonly db: QuestDb
  /** Runs statements one after the other and waits until WAL tables have what they did. */
  run(...statements: readonly string[]): Promise<void>
  rows(statement: string): Promise<readonly Row[]>
}

/** A QuestDB of one test file alone, over a folder of its own, that can be stopped and started. */
export interface OwnQuestDb extends SteeredQuestDb {
  readonly folder: string
  readonly conf: string
  stop(): Promise<void>
  /** Starts it again, at the same address. */
  start(): Promise<void>
  /** Keeps a table as it is on disk now, its log included, to be put back while QuestDB is stopped. */
  copyTable(name: string): { putBack(): void }
  [Symbol.asyncDispose](): Promise<void>
}

export async function ownQuestDb(heapMb = 256): Promise<OwnQuestDb> {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-questdb-'))
  const { questdb: program } = inject('servers').programs
  const start = (port?: number) =>
    startQuestDb({ ...program, dataDir: folder, heapMb, ...(port ? { port } : {}) })
  let server: QuestDbServer = await start()
  const { port, clientConf: conf } = server
  return {
    folder,
    conf,
    ...steerQuestDb(createQuestDb(conf)),
    stop: () => server.stop(),
    start: async () => {
      server = await start(port)
    },
    copyTable: (name) => copyFolder(join(folder, 'db'), name),
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A connection, with a test's own statements. */
export function steerQuestDb(db: QuestDb): SteeredQuestDb {
  return {
    db,
    run: async (...statements) => {
      for (const text of statements) await db.query({ text })
      for (const [name] of await db.query(sql`SELECT name FROM wal_tables()`))
        await waitApplied(db, String(name))
    },
    rows: (text) => db.query({ text }),
  }
}

function copyFolder(tables: string, name: string): { putBack(): void } {
  const folder = readdirSync(tables).find((entry) => entry.startsWith(`${name}~`)) ?? name
  const copy = mkdtempSync(join(tmpdir(), 'backtide-table-'))
  cpSync(join(tables, folder), copy, { recursive: true })
  return {
    putBack: () => {
      rmSync(join(tables, folder), { recursive: true })
      cpSync(copy, join(tables, folder), { recursive: true })
      rmSync(copy, { recursive: true })
    },
  }
}
