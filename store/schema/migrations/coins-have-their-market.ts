import { DAY_MS } from '@backtide/core/range'
import { DEAD, DEAD_STATES, SEAM } from '@backtide/core/table'
import type { QuestDb } from '../../questdb.ts'
import { identifier, instant, sql, trusted, type Statement } from '../../sql.ts'
import { waitApplied } from '../../wait-applied.ts'
import { names } from '../create-table.ts'
import type { Migration } from '../migration.ts'
import { differences, readShape } from '../table-shape.ts'
import { DATA_TABLES_V1 } from './shapes-v1.ts'

/**
 * All rows of Hyperliquid had the market `perp`. Those of a spot pair (`@107`, `PURR/USDC`) or an
 * outcome (`#123`) are written again under their market, and the old ones become ghosts. `market` is a
 * key, so it cannot be updated, and tables of data are too large to be copied: a day at a time only
 * the wrong rows are. Killed in between, both are seen until the next start.
 */
export const coinsHaveTheirMarket: Migration = {
  version: 4,
  title: 'spot pairs and outcomes are no perpetuals',
  run: async (db, { name, view }) => {
    const before = DATA_TABLES_V1.find((table) => table.name === view?.name)
    if (!before || !('market' in before.columns)) return
    const wanted = {
      ...before,
      columns: { ...before.columns, [SEAM]: 'BYTE', [DEAD]: 'BYTE' },
      keys: [...before.keys, SEAM],
    } as const
    const shape = await readShape(db, name)
    if (!shape || differences(wanted, shape).length > 0) return
    for (const day of await findDays(db, name)) {
      await moveDay(db, { name, columns: Object.keys(wanted.columns) }, day)
    }
  },
}

/** Rows whose market is not the one that their coin's name tells. */
const WRONG = `exchange = 'hyperliquid' AND market = 'perp'
  AND (symbol LIKE '@%' OR symbol LIKE '%/%' OR symbol LIKE '#%') AND ${DEAD} < ${DEAD_STATES.ghost}`

const MARKET = `CASE WHEN symbol LIKE '#%' THEN 'outcome' ELSE 'spot' END`

/** Starts of UTC days, UTC milliseconds. */
async function findDays(db: QuestDb, table: string): Promise<readonly number[]> {
  const rows = await db.query(
    sql`SELECT DISTINCT timestamp_floor('1d', ts) day FROM ${identifier(table)}
      WHERE ${trusted(WRONG)} ORDER BY day`,
  )
  return rows.map(([day]) => Date.parse(String(day)))
}

interface Table {
  readonly name: string
  readonly columns: readonly string[]
}

async function moveDay(db: QuestDb, { name, columns }: Table, day: number): Promise<void> {
  const table = identifier(name)
  const where = sql`ts >= ${instant(day)} AND ts < ${instant(day + DAY_MS)} AND ${trusted(WRONG)}`
  await db.query(
    sql`INSERT INTO ${table} (${names(columns)}) SELECT ${corrected(columns)} FROM ${table} WHERE ${where}`,
  )
  await waitApplied(db, name)
  await db.query(
    sql`UPDATE ${table} SET ${trusted(`${DEAD} = ${DEAD_STATES.ghost}::byte`)} WHERE ${where}`,
  )
  await waitApplied(db, name)
}

function corrected(columns: readonly string[]): Statement {
  return trusted(columns.map((name) => (name === 'market' ? MARKET : name)).join(', '))
}
