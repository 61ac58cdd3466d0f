import type { FoundHole } from '@backtide/core/hole'
import type { TableDefinition } from '@backtide/core/table'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'

/**
 * Every interval in which a feed may have missed something, a row for each channel of its stream; what
 * becomes of a hole replaces its row, and none is ever deleted.
 */
export const HOLES: TableDefinition = {
  name: 'holes',
  columns: {
    ts: 'TIMESTAMP',
    until: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    channel: 'SYMBOL',
    stream: 'VARCHAR',
    server: 'SYMBOL',
    cause: 'SYMBOL',
    state: 'SYMBOL',
    evidence: 'VARCHAR',
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'exchange', 'market', 'symbol', 'channel', 'stream', 'server'],
}

/**
 * Records holes, or what became of them, in the order they were told. They are widened to whole
 * microseconds.
 */
export async function putHoles(db: QuestDb, holes: readonly FoundHole[]): Promise<void> {
  await insertRows(
    db,
    HOLES,
    holes.flatMap(({ from, until, channels, id: _id, ...rest }) =>
      channels.map((channel) => ({
        ...rest,
        ts: Number(from / 1000n) / 1000,
        until: until === undefined ? undefined : Number((until + 999n) / 1000n) / 1000,
        channel,
      })),
    ),
  )
}
