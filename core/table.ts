/** Column types that Backtide creates in QuestDB. */
export type ColumnType =
  | 'TIMESTAMP'
  | 'TIMESTAMP_NS'
  | 'SYMBOL'
  | 'VARCHAR'
  | 'BOOLEAN'
  | 'BYTE'
  | 'INT'
  | 'LONG'
  | 'DOUBLE'
  | 'DOUBLE[][]'

/** Shape of one QuestDB table; always WAL, always deduplicated. */
export interface TableDefinition {
  readonly name: string
  /** Column name → type, in order; the first is the designated timestamp. */
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly partitionBy: 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'YEAR'
  /** QuestDB drops partitions that are older, by the designated timestamp; kept for good when absent. */
  readonly ttlDays?: number
  /** Names of the columns that make a row unique; the designated timestamp is one of them. */
  readonly keys: readonly string[]
}

/** A table of market data, and the view of it that readers use. */
export interface DataTable extends TableDefinition {
  readonly view: ViewDefinition
  /** Other views that come with it. */
  readonly more?: readonly QueryView[]
}

/** A view over what readers see: a query, in QuestDB's SQL. */
export interface QueryView {
  readonly name: string
  readonly query: string
}

/** The rows of a table that count, without Backtide's own columns. */
export interface ViewDefinition {
  readonly name: string
  readonly columns: readonly string[]
  /** SQL condition over a row. */
  readonly where: string
  /** Where rows of several origins are one to readers. */
  readonly merged?: MergedRows
  /** Where readers see the rows of one origin at a time: core/picks.ts. */
  readonly picked?: PickedRows
}

/** How one of several origins is picked for readers. */
export interface PickedRows {
  /** Columns that make a series: what has one pick at a time. */
  readonly by: readonly string[]
  /** Column that tells the origin. */
  readonly column: string
  /** All origins there are, the most trusted first. */
  readonly priority: readonly string[]
}

/**
 * Rows that differ only in where they come from are one, column by column: each has the value of the
 * first origin that has one, so that no null hides a value. Which origin that was is not shown.
 */
export interface MergedRows {
  /** What such rows have in common: the other keys. The first is the designated timestamp. */
  readonly by: readonly string[]
  /** Column that tells the origin. */
  readonly column: string
  /** All origins there are, the most trusted first. */
  readonly priority: readonly string[]
}

/**
 * Partitions between the one that holds a row's `ts` and the one whose object the row came from: 1
 * for the first rows of an hour, which are stamped in the hour before. Where a partition has several
 * objects of one series, each adds `PART` to it for every one before it. It is a key, so no object ever
 * overwrites the rows of another, and whose a row is can be told from the row.
 */
export const SEAM = 'seam'

/** What `SEAM` has more for each object before the row's own; partitions are less than half of it. */
export const PART = 16

/** Most objects that one partition may have of one series: `SEAM` is a BYTE. */
export const MOST_PARTS = 8

/** What a `SEAM` is made of: partitions between, and objects of its own partition and series before. */
export function readSeam(seam: number): { readonly partitions: number; readonly part: number } {
  const part = Math.floor((seam + PART / 2) / PART)
  return { partitions: seam - part * PART, part }
}

/** What a row is beside itself: see `DEAD_STATES`. */
export const DEAD = 'dead'

/**
 * Values of `dead`; views show rows up to `alive`.
 * - `doubted`: its object is being sent again; what is still doubted afterwards is a ghost.
 * - `outlived`: another object holds the same record, seen later. It comes back when that one goes.
 * - `ghost`: its object does not have it any more.
 */
export const DEAD_STATES = { doubted: -1, alive: 0, outlived: 1, ghost: 2 } as const

/** Declares a table of market data by the name and the columns that readers see. */
export function dataTable(
  declared: TableDefinition & { readonly where?: string } & Pick<DataTable, 'more'> &
    Pick<ViewDefinition, 'merged' | 'picked'>,
): DataTable {
  const { name, columns, partitionBy, keys, where, more, merged, picked } = declared
  const counts = `${DEAD} <= ${DEAD_STATES.alive}`
  return {
    name: `${name}_all`,
    columns: { ...columns, [SEAM]: 'BYTE', [DEAD]: 'BYTE' },
    partitionBy,
    keys: [...keys, SEAM],
    view: {
      name,
      columns: Object.keys(columns),
      where: where === undefined ? counts : `${counts} AND ${where}`,
      ...(merged ? { merged } : {}),
      ...(picked ? { picked } : {}),
    },
    ...(more ? { more } : {}),
  }
}
