/** Encoded start of one column: its name and the sign between name and value. */
export type Column = Buffer

const SAFE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Column whose values are text: symbols, strings, integers, timestamps, booleans. */
export function textColumn(name: string): Column {
  return Buffer.from(`${safeName(name)}=`)
}

/** Column of doubles, binary form. */
export function doubleColumn(name: string): Column {
  return Buffer.from([...Buffer.from(`${safeName(name)}==`), 0x10])
}

/** Column of two-dimensional double arrays, binary form. */
export function arrayColumn(name: string): Column {
  return Buffer.from([...Buffer.from(`${safeName(name)}==`), 0x0e, 0x0a, 2])
}

/**
 * Start of a row: table name and symbols that are the same in all rows of an object. Symbols may
 * follow with `RowWriter.symbol`.
 */
export function rowStart(table: string, symbols: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(symbols).map(([name, value]) => {
    return `,${safeName(name)}=${escapeSymbol(value)}`
  })
  return Buffer.from(safeName(table) + parts.join(''))
}

/** Symbol value as the line protocol wants it: separators and line ends behind a backslash. */
export function escapeSymbol(value: string): string {
  return value.replaceAll(/[ ,=\n\r\\]/g, String.raw`\$&`)
}

/** String value as the line protocol wants it, quotes included. */
export function quoteString(value: string): string {
  return `"${value.replaceAll(/["\n\r\\]/g, String.raw`\$&`)}"`
}

function safeName(name: string): string {
  if (!SAFE_NAME.test(name)) throw new Error(`Not a table or column name: ${JSON.stringify(name)}.`)
  return name
}
