import type { Derived, SeriesParts } from '@backtide/core/derived'
import type { Range } from '@backtide/core/range'
import { pickSourcesOf } from '@backtide/datasets/pick-sources'
import type { Registry } from '@backtide/datasets/registry'
import type { Fence } from '@backtide/store/fence'
import { settlePicks } from '@backtide/store/picks/settle-picks'
import type { Store } from '@backtide/store/store'

/** What is made anew: of which table, of what, and when. */
export interface MadeAnew {
  readonly derived: Derived
  /** By the id of its bases. */
  readonly parts: ReadonlyMap<string, readonly SeriesParts[]>
  readonly range: Range
}

/**
 * Settles which origin readers see where rows of a shared table are made anew: before they come, for which
 * `coming` is their origin, and once they are there. Does nothing for tables whose origins are not picked.
 */
export async function settleDerivedPicks(
  context: {
    readonly store: Store
    readonly registry: Registry
    readonly signal: AbortSignal
    readonly fence: Fence
  },
  { derived, parts, range }: MadeAnew,
  coming?: string,
): Promise<void> {
  const { table } = derived
  if (!table.view.picked) return
  const { store, registry, signal, fence } = context
  const sources = pickSourcesOf(registry.all, table)
  for (const [id, known] of parts) {
    const exchange = registry.find(id)?.constants['exchange']
    if (exchange === undefined || known.length === 0) continue
    const named = known.every(({ symbols }) => symbols)
    const symbol = known.flatMap(({ symbols = [] }) => symbols)
    const where = { exchange: [exchange], ...(named && { symbol }) }
    const asked = { table, sources, range, where, ...(coming !== undefined && { coming }) }
    await settlePicks(store.db, asked, { signal, fence })
  }
}
