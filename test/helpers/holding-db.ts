import { EventEmitter, once } from 'node:events'
import type { QuestDb } from '@backtide/store/questdb'

/** Holds the first statement that matches until told to go on. */
export function holding(db: QuestDb, pattern: RegExp) {
  const signals = new EventEmitter()
  const reached = once(signals, 'reached')
  const goingOn = once(signals, 'go on')
  const held: QuestDb = {
    ...db,
    query: async (statement, signal) => {
      if (pattern.test(statement.text)) {
        signals.emit('reached')
        await goingOn
      }
      return await db.query(statement, signal)
    },
  }
  return { db: held, reached, goOn: () => signals.emit('go on') }
}
