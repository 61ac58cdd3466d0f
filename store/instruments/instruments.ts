import type { Instrument, KnownInstrument, Listing } from '@backtide/core/instrument'
import type { TableDefinition } from '@backtide/core/table'
import { insertRows } from '../insert-rows.ts'
import { inChunks } from '../in-chunks.ts'
import type { QuestDb, Row } from '../questdb.ts'
import { sql } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'

/**
 * What is traded where, and since when: a row an instrument, written again when it is seen again. A date
 * that is not known is NULL, and `dates_from` says what tells the others.
 */
export const INSTRUMENTS: TableDefinition = {
  name: 'instruments',
  columns: {
    first_seen: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    base: 'VARCHAR',
    quote: 'VARCHAR',
    settle: 'VARCHAR',
    listed: 'TIMESTAMP',
    delisted: 'TIMESTAMP',
    dates_from: 'VARCHAR',
    aliases: 'VARCHAR',
    seen_at: 'TIMESTAMP',
  },
  partitionBy: 'YEAR',
  keys: ['first_seen', 'exchange', 'market', 'symbol'],
}

/** Writes instruments as they were just seen, and waits until they can be read. */
export async function putInstruments(
  db: QuestDb,
  instruments: readonly KnownInstrument[],
): Promise<void> {
  if (instruments.length === 0) return
  const rows = instruments.map(({ datesFrom, aliases, firstSeen, seenAt, ...facts }) => ({
    ...facts,
    first_seen: firstSeen,
    dates_from: datesFrom,
    aliases: aliases.join(' '),
    seen_at: seenAt,
  }))
  await insertRows(db, INSTRUMENTS, rows)
  await waitApplied(db, INSTRUMENTS.name)
}

/** All instruments of an exchange, or of every one, by exchange, market and symbol. */
export async function listInstruments(
  db: QuestDb,
  exchange?: string,
): Promise<readonly KnownInstrument[]> {
  const where = exchange === undefined ? sql`` : sql`WHERE exchange = ${exchange}`
  const rows = await db.query(
    sql`SELECT exchange, market, symbol, base, quote, settle, listed, delisted, dates_from, aliases,
      first_seen, seen_at FROM instruments ${where} ORDER BY exchange, market, symbol, seen_at`,
  )
  // Two that met the same new instrument at once made two rows of it.
  return [...new Map(rows.map(instrumentOf).map((one) => [nameOf(one), one])).values()]
}

/** Dates of some symbols of an exchange, by symbol; of a symbol of two markets the wider ones. */
export async function listingsOf(
  db: QuestDb,
  exchange: string,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, Listing>> {
  const answers = await inChunks(symbols, (chunk) =>
    db.query(
      sql`SELECT symbol, min(listed), max(delisted), count(), count(listed), count(delisted)
        FROM instruments WHERE exchange = ${exchange} AND symbol IN ${chunk} GROUP BY symbol`,
    ),
  )
  return new Map(
    answers.flat().map(([symbol, listed, delisted, all, withListed, withDelisted]) => [
      String(symbol),
      {
        ...(all === withListed && { listed: timeOf(listed) }),
        ...(all === withDelisted && { delisted: timeOf(delisted) }),
      },
    ]),
  )
}

function nameOf({ exchange, market, symbol }: Instrument): string {
  return JSON.stringify([exchange, market, symbol])
}

function instrumentOf(row: Row): KnownInstrument {
  const [exchange, market, symbol, base, quote, settle, ...rest] = row
  const [listed, delisted, datesFrom, aliases, firstSeen, seenAt] = rest
  return {
    exchange: String(exchange),
    market: String(market),
    symbol: String(symbol),
    base: String(base ?? ''),
    quote: String(quote ?? ''),
    settle: String(settle ?? ''),
    ...(listed && { listed: timeOf(listed) }),
    ...(delisted && { delisted: timeOf(delisted) }),
    ...(datesFrom === 'candles' && { datesFrom }),
    aliases: String(aliases ?? '')
      .split(' ')
      .filter((alias) => alias !== ''),
    firstSeen: timeOf(firstSeen),
    seenAt: timeOf(seenAt),
  }
}

function timeOf(value: Row[number] | undefined): number {
  return Date.parse(String(value))
}
