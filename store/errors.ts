/** QuestDB is away, restarting, overloaded or has a table suspended: try again later. */
export class StoreUnavailableError extends Error {
  override readonly name: string = 'StoreUnavailableError'
}

/** A table is not there (any more); the store creates its own again when it is asked next. */
export class TableGoneError extends StoreUnavailableError {
  override readonly name = 'TableGoneError'
  readonly table: string

  constructor(table: string, options?: ErrorOptions) {
    super(
      `Table ${table} does not exist; if it is Backtide's, the next attempt creates it`,
      options,
    )
    this.table = table
  }
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

/** QuestDB answered with an error that nobody has judged yet: it may pass, or not. */
export class StoreFaultError extends Error {
  override readonly name = 'StoreFaultError'
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

  /** `adoptable`: its rows can be taken over. */
  constructor(table: string, differences: readonly string[], adoptable = false) {
    const adopt = `Its rows can be taken over: backtide adopt ${table}. Or rename it`
    super(
      `Table ${table} exists in another shape: ${differences.join('; ')}. ` +
        `${adoptable ? adopt : 'Rename it'} (RENAME TABLE '${table}' TO '${table}_old') and start again; Backtide then creates its own.`,
    )
    this.table = table
  }
}

/** A table was changed by a newer Backtide, which this one would not read right. */
export class TableTooNewError extends Error {
  override readonly name = 'TableTooNewError'
  readonly table: string

  constructor(table: string, version: number, known: number) {
    super(
      `Table ${table} was made by a newer Backtide (schema ${version}; this one knows ${known}): ` +
        `start that version, or a newer one.`,
    )
    this.table = table
  }
}
