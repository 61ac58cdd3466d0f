import { makeCleanPoint } from '@backtide/store/epoch/make-clean-point'
import { createQuestDb } from '@backtide/store/questdb'
import { sql } from '@backtide/store/sql'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunningProcess } from '../processes/server-process.ts'
import type { Say } from '../say.ts'

/** Longest that a clean point may hold up the stop. */
const PATIENCE_MS = 5_000

/**
 * A QuestDB that makes a clean point when it is stopped, by when nobody may write to it any more: so
 * what was loaded is not read back after the next start. A clean point that fails fails no stop.
 */
export function stopCleanly<T extends RunningProcess & { readonly clientConf: string }>(
  server: T,
  say: Say,
  patienceMs = PATIENCE_MS,
): T {
  const stop = async () => {
    const late = delay(patienceMs, false, { ref: false })
    const clean = await Promise.race([lastCleanPoint(server.clientConf).catch(() => false), late])
    if (!clean)
      say('QuestDB made no clean point: what was loaded since the last one will be read back.')
    await server.stop()
  }
  return { ...server, stop, [Symbol.asyncDispose]: stop }
}

/** Resolves to true when all that the ledger says is on disk, also because there is no ledger. */
async function lastCleanPoint(clientConf: string): Promise<boolean> {
  const db = createQuestDb(clientConf)
  const [ledger] = await db.query(sql`SELECT 1 FROM tables() WHERE table_name = 'ledger'`)
  return ledger === undefined || (await makeCleanPoint(db, { last: true }))
}
