import { parseSeries } from '@backtide/core/series'
import type { Range } from '@backtide/core/range'
import { settlePicks } from '@backtide/store/picks/settle-picks'
import type { LoadContext } from './context.ts'

/** Work of a load: which of its series, and when. */
export interface PicksInput {
  readonly symbols: readonly string[]
  readonly partitions: Range
}

/**
 * Where other origins have the rows that a load is about to write, readers go on seeing those until it
 * is settled.
 */
export async function claimPicks(context: LoadContext, input: PicksInput): Promise<void> {
  const { table, constants } = context.dataset
  const origin = constants[table.view.picked?.column ?? '']
  if (origin !== undefined) await settle(context, input, origin)
}

/**
 * Settles which origin readers see, by what the ledger says after a load. Also where the load had nothing to do:
 * it may be one that was killed between the ledger and this.
 */
export async function settleLoadedPicks(context: LoadContext, input: PicksInput): Promise<void> {
  await settle(context, input)
}

async function settle(context: LoadContext, input: PicksInput, coming?: string): Promise<void> {
  const { store, dataset, pickSources: sources, signal, fence } = context
  const { table, constants, symbols, symbolColumn } = dataset
  const { picked } = table.view
  if (!picked) return
  const fixed = picked.by.flatMap((name) => {
    const value = constants[name]
    return value === undefined ? [] : [[name, [value]] as const]
  })
  const coins = [...new Set(input.symbols.map((series) => parseSeries(series).symbol))]
  const named = symbols === 'named' ? [[symbolColumn, coins] as const] : []
  const where = Object.fromEntries([...fixed, ...named])
  const range = input.partitions
  const asked = { table, sources, range, where, ...(coming !== undefined && { coming }) }
  await settlePicks(store.db, asked, { signal, fence })
}
