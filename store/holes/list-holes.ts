import type { HoleCause, HoleState } from '@backtide/core/hole'
import type { QuestDb } from '../questdb.ts'
import { instant, joined, sql } from '../sql.ts'

/** Which holes to read. */
export interface HolesAsked {
  readonly exchange?: string | undefined
  readonly market?: string | undefined
  readonly symbol?: string | undefined
  readonly channel?: string | undefined
  readonly states: readonly HoleState[]
  /** Only what ends after it and begins before `to`; UTC milliseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly limit: number
}

/** A hole as the table has it: one channel, whole microseconds as text. */
export interface HoleRow {
  readonly from: string
  readonly until: string | null
  readonly exchange: string
  readonly market: string
  readonly symbol: string
  readonly channel: string
  readonly stream: string
  readonly server: string
  readonly cause: HoleCause
  readonly state: HoleState
  readonly evidence: string | null
}

/** The last holes by their start, the newest first. */
export async function listHoles(db: QuestDb, asked: HolesAsked): Promise<readonly HoleRow[]> {
  const { exchange, market, symbol, channel, states, from, to, limit } = asked
  const terms = [
    sql`state IN ${states}`,
    ...(exchange === undefined ? [] : [sql`exchange = ${exchange}`]),
    ...(market === undefined ? [] : [sql`market = ${market}`]),
    ...(symbol === undefined ? [] : [sql`symbol = ${symbol}`]),
    ...(channel === undefined ? [] : [sql`channel = ${channel}`]),
    ...(from === undefined ? [] : [sql`(until > ${instant(from)} OR until IS NULL)`]),
    ...(to === undefined ? [] : [sql`ts < ${instant(to)}`]),
  ]
  const rows = await db.query(
    sql`SELECT ts, until, exchange, market, symbol, channel, stream, server, cause, state, evidence
      FROM holes WHERE ${joined(terms, ' AND ')} ORDER BY ts DESC, symbol, channel, stream LIMIT ${limit}`,
  )
  return rows.map((row) => {
    const [start, until, ...names] = row
    const [venue, place, name, kind, stream, server, cause, state, evidence] = names.map(String)
    return {
      from: String(start),
      until: until === null ? null : String(until),
      exchange: venue ?? '',
      market: place ?? '',
      symbol: name ?? '',
      channel: kind ?? '',
      stream: stream ?? '',
      server: server ?? '',
      cause: cause as HoleCause,
      state: state as HoleState,
      evidence: row.at(-1) === null ? null : (evidence ?? null),
    }
  })
}
