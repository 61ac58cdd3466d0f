import { z } from 'zod'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { Deps } from '../deps.ts'
import type { BackfillItem, BackfillState } from './schemas.ts'
import { cursorInstant, makeCursor, readCursor } from '../http/cursor.ts'
import { TemporalUnavailableError } from '../temporal/runs.ts'
import { lookUp, withoutTemporal, type Lookup } from './lookup.ts'
import { viewItem } from './view.ts'
import { askWorkers, type Workers } from './workers.ts'

/** Records one list looks at, at most: a filter that matches little gives a short page. */
const MAX_LOOKED_AT = 1_000

const cursorSchema = z.object({ at: cursorInstant, seen: z.array(z.string()) })
type Cursor = z.infer<typeof cursorSchema>

export interface ListQuery {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly state?: BackfillState | undefined
}

export interface ListPage {
  readonly backfills: BackfillItem[]
  readonly next: string | null
  readonly warnings: string[]
}

/** Backfills, newest first; those without an end are looked up in Temporal. */
export async function listBackfills(deps: Deps, query: ListQuery): Promise<ListPage> {
  let position = readCursor(cursorSchema, query.cursor)
  const backfills: BackfillItem[] = []
  const warnings = new Set<string>()
  const lookUpAll = createLookUps(deps)
  for (let looked = 0; looked < MAX_LOOKED_AT; looked += query.limit) {
    const wanted = query.limit - backfills.length
    const records = await recordsBelow(deps, position, wanted)
    const lives = await lookUpAll(records)
    const items = lives.map((live) => viewItem(deps, live))
    backfills.push(...items.filter((item) => !query.state || item.state === query.state))
    for (const live of lives) for (const warning of live.warnings) warnings.add(warning)
    if (records.length < wanted) return { backfills, next: null, warnings: [...warnings] }
    position = advance(position, records)
    if (backfills.length >= query.limit) break
  }
  return { backfills, next: makeCursor(position), warnings: [...warnings] }
}

/** Looks pages of records up; who works is asked once, and Temporal nothing more once it was away. */
function createLookUps(deps: Deps): (records: readonly BackfillRecord[]) => Promise<Lookup[]> {
  let asked: Promise<Workers | undefined> | undefined
  const ask = async () => await askWorkers(deps).catch(undefinedIfAway)
  return async (records) => {
    if (records.every(({ ended }) => ended)) return records.map(withoutTemporal)
    const workers = await (asked ??= ask())
    if (!workers) return records.map(withoutTemporal)
    const options = { ask: true, workers }
    return await Promise.all(records.map((record) => lookUp(deps, record, options)))
  }
}

function undefinedIfAway(error: unknown): undefined {
  if (!(error instanceof TemporalUnavailableError)) throw error
}

/** The next records; several may have been created in one millisecond, so ids are kept as well. */
async function recordsBelow(
  deps: Deps,
  position: Cursor | undefined,
  limit: number,
): Promise<readonly BackfillRecord[]> {
  if (!position) return await deps.store.listBackfills({ limit })
  const seen = new Set(position.seen)
  const page = { limit: limit + seen.size, before: position.at + 1 }
  const records = await deps.store.listBackfills(page)
  return records.filter((record) => !seen.has(record.id)).slice(0, limit)
}

function advance(position: Cursor | undefined, records: readonly BackfillRecord[]): Cursor {
  const at = records.at(-1)?.createdAt ?? position?.at ?? 0
  const seen = records.filter((record) => record.createdAt === at).map((record) => record.id)
  return { at, seen: position?.at === at ? [...position.seen, ...seen] : seen }
}
