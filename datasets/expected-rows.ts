import type { RecordFacts } from './dataset.ts'
import type { SymbolRows } from './decoded-object.ts'

/** What was emitted, as a read-back must find it: about 20 bytes per symbol and timestamp. */
export interface ExpectedRows {
  /** Counts an emitted record; within a batch they come in time order. */
  add(record: RecordFacts, batch: number): void
  /**
   * By symbol, ascending. A timestamp that was emitted in more than one batch is left out: whether
   * the database kept the rows of one batch, of the other or of both is not known here.
   */
  collect(): readonly SymbolRows[]
}

/** Empty count. */
export function createExpectedRows(): ExpectedRows {
  const bySymbol = new Map<string, Column>()
  return {
    add({ ts, symbol, rows, check }, batch) {
      let column = bySymbol.get(symbol)
      if (!column) bySymbol.set(symbol, (column = createColumn()))
      column.add(ts, rows, check, batch)
    },
    collect() {
      const symbols = [...bySymbol].toSorted(([a], [b]) => (a < b ? -1 : 1))
      return symbols.map(([symbol, column]) => ({ symbol, ...column.collect() }))
    },
  }
}

type Collected = Omit<SymbolRows, 'symbol'>

interface Column {
  add(ts: number, rows: number, check: number, batch: number): void
  collect(): Collected
}

function createColumn(): Column {
  let arrays = allocate(16)
  let length = 0
  let lastBatch = -1
  let ascending = true

  return {
    add(ts, rows, check, batch) {
      const last = length > 0 ? (arrays.ts[length - 1] ?? 0) : -Infinity
      if (ts === last && batch === lastBatch) {
        arrays.rows[length - 1] = (arrays.rows[length - 1] ?? 0) + rows
        arrays.checks[length - 1] = (arrays.checks[length - 1] ?? 0) + check
        return
      }
      ascending &&= ts > last
      lastBatch = batch
      if (length === arrays.ts.length) arrays = grow(arrays)
      arrays.ts[length] = ts
      arrays.rows[length] = rows
      arrays.checks[length] = check
      length++
    },
    collect: () => (ascending ? cut(arrays, length) : pick(arrays, unambiguous(arrays.ts, length))),
  }
}

/** Positions of the timestamps that occur once, in time order. */
function unambiguous(ts: Float64Array, length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, at) => at)
  order.sort((a, b) => (ts[a] ?? 0) - (ts[b] ?? 0))
  return order.filter((position, at) => {
    const here = ts[position]
    const { [at - 1]: previous, [at + 1]: next } = order
    return (
      (previous === undefined || ts[previous] !== here) && (next === undefined || ts[next] !== here)
    )
  })
}

function allocate(size: number): Collected {
  return {
    ts: new Float64Array(size),
    rows: new Uint32Array(size),
    checks: new Float64Array(size),
  }
}

function grow(arrays: Collected): Collected {
  const larger = allocate(2 * arrays.ts.length)
  larger.ts.set(arrays.ts)
  larger.rows.set(arrays.rows)
  larger.checks.set(arrays.checks)
  return larger
}

function cut({ ts, rows, checks }: Collected, length: number): Collected {
  return { ts: ts.slice(0, length), rows: rows.slice(0, length), checks: checks.slice(0, length) }
}

function pick(arrays: Collected, positions: Uint32Array): Collected {
  const picked = allocate(positions.length)
  for (const [at, position] of positions.entries()) {
    picked.ts[at] = arrays.ts[position] ?? 0
    picked.rows[at] = arrays.rows[position] ?? 0
    picked.checks[at] = arrays.checks[position] ?? 0
  }
  return picked
}
