import type { RecordFacts } from '../dataset.ts'
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
  return new Expectation()
}

class Expectation implements ExpectedRows {
  readonly #bySymbol = new Map<string, Column>()

  add({ ts, symbol, rows, check }: RecordFacts, batch: number): void {
    let column = this.#bySymbol.get(symbol)
    if (!column) this.#bySymbol.set(symbol, (column = new Column()))
    column.add(ts, rows, check, batch)
  }

  collect(): readonly SymbolRows[] {
    const symbols = [...this.#bySymbol].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return symbols.map(([symbol, column]) => ({ symbol, ...column.collect() }))
  }
}

type Collected = Omit<SymbolRows, 'symbol'>

/** Rows of one symbol. */
class Column {
  #arrays = allocate(16)
  #length = 0
  #lastTs = -Infinity
  #lastBatch = -1
  #ascending = true

  add(ts: number, rows: number, check: number, batch: number): void {
    if (this.#length === this.#arrays.ts.length) this.#arrays = grow(this.#arrays)
    const arrays = this.#arrays
    if (ts === this.#lastTs && batch === this.#lastBatch) {
      const at = this.#length - 1
      arrays.rows[at] = (arrays.rows[at] ?? 0) + rows
      arrays.checks[at] = (arrays.checks[at] ?? 0) + check
      return
    }
    this.#ascending &&= ts > this.#lastTs
    this.#lastTs = ts
    this.#lastBatch = batch
    const at = this.#length++
    arrays.ts[at] = ts
    arrays.rows[at] = rows
    arrays.checks[at] = check
  }

  collect(): Collected {
    const arrays = this.#arrays
    if (this.#ascending) return cut(arrays, this.#length)
    return pick(arrays, unambiguous(arrays.ts, this.#length))
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
