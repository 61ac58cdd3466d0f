/** QuestDB is away, restarting, overloaded or has a table suspended: try again later. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
}

/** QuestDB refused what was sent or asked: the same request will be refused again. */
export class StoreRefusedError extends Error {
  override readonly name = 'StoreRefusedError'
  readonly statement: string

  constructor(message: string, statement: string, options?: ErrorOptions) {
    super(message, options)
    this.statement = statement
  }
}

/** A table of that name exists and has another shape; it is never altered silently. */
export class TableShapeError extends Error {
  override readonly name = 'TableShapeError'
  readonly table: string

  constructor(table: string, differences: readonly string[]) {
    super(
      `Table ${table} exists in another shape: ${differences.join('; ')}. ` +
        `Rename it (RENAME TABLE '${table}' TO '${table}_old') and start again; Backtide then creates its own.`,
    )
    this.table = table
  }
}
