import type { Hole } from '@backtide/core/hole'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'
import { HOLES } from './table.ts'

/**
 * Records holes that a server (a name) found, or what became of them, in the order they were told. They
 * are widened to whole microseconds.
 */
export async function putHoles(db: QuestDb, server: string, holes: readonly Hole[]): Promise<void> {
  await insertRows(
    db,
    HOLES,
    holes.flatMap(({ from, until, channels, id: _id, ...rest }) =>
      channels.map((channel) => ({
        ...rest,
        ts: Number(from / 1000n) / 1000,
        until: until === undefined ? undefined : Number((until + 999n) / 1000n) / 1000,
        channel,
        server,
      })),
    ),
  )
}
