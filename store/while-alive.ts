import { setTimeout as delay } from 'node:timers/promises'
import { StoreUnavailableError } from './errors.ts'
import type { QuestDb } from './questdb.ts'
import { sql } from './sql.ts'

/** What every QuestDB can answer at once. */
export const PING = sql`SELECT 1`

/**
 * Reads for as long as it takes, unless QuestDB falls silent: half of the time it is waited for, in the
 * other half it has to answer a question of its own.
 * @throws StoreUnavailableError when it does not; the read is cut off
 */
export async function whileAlive<T>(
  db: QuestDb,
  answerWithinMs: number,
  read: (db: QuestDb) => Promise<T>,
): Promise<T> {
  const cut = new AbortController()
  const reading = read({ ...db, query: (statement) => db.query(statement, cut.signal) })
  reading.catch(() => {})
  const done = reading.then(() => true)
  done.catch(() => {})
  try {
    while (
      !(await Promise.race([done, delay(answerWithinMs / 2, false, { signal: cut.signal })]))
    ) {
      const alive = db.query(PING, AbortSignal.timeout(answerWithinMs / 2))
      await Promise.race([alive, done]).catch((cause: unknown) => {
        throw new StoreUnavailableError('QuestDB does not answer', { cause })
      })
    }
    return await reading
  } finally {
    cut.abort()
  }
}
