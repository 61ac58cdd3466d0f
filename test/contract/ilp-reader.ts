/** How a column is written; symbols stand before the first space of a row. */
export type Kind = 'symbol' | 'string' | 'boolean' | 'int' | 'double' | 'micros' | 'nanos' | 'array'

export type Value = string | number | boolean | number[][]

/** One row as the line protocol carries it. */
export interface IlpRow {
  readonly table: string
  /** Designated timestamp, UTC microseconds. */
  readonly ts: number
  readonly kinds: Readonly<Record<string, Kind>>
  /** Nanosecond timestamps as text: they do not fit a number. */
  readonly values: Readonly<Record<string, Value>>
}

/** Reads rows of the line protocol back, strictly. For tests only. @throws Error at the first odd byte */
export function readIlp(bytes: Uint8Array): IlpRow[] {
  const cursor = { bytes: Buffer.from(bytes), at: 0 }
  const rows: IlpRow[] = []
  while (cursor.at < cursor.bytes.length) rows.push(readRow(cursor))
  return rows
}

interface Cursor {
  readonly bytes: Buffer
  at: number
}

function readRow(cursor: Cursor): IlpRow {
  const kinds: Record<string, Kind> = {}
  const values: Record<string, Value> = {}
  const put = (name: string, kind: Kind, value: Value): void => {
    if (name in values) throw new Error(`column ${name} twice`)
    kinds[name] = kind
    values[name] = value
  }
  const table = readText(cursor, ', ')
  while (take(cursor) === ',') put(readName(cursor), 'symbol', readText(cursor, ', '))
  // Either columns and a timestamp follow the space, or the timestamp alone.
  if (!/^\d+t\n/.test(cursor.bytes.toString('latin1', cursor.at, cursor.at + 22))) {
    do {
      const name = readName(cursor)
      const { kind, value } = readValue(cursor)
      put(name, kind, value)
    } while (take(cursor) === ',')
  }
  const ts = readText(cursor, '\n')
  if (!/^\d+t$/.test(ts) || take(cursor) !== '\n') throw new Error(`odd timestamp ${ts}`)
  return { table, ts: Number(ts.slice(0, -1)), kinds, values }
}

function readName(cursor: Cursor): string {
  const name = readText(cursor, '=')
  cursor.at++
  return name
}

function readText(cursor: Cursor, stops: string): string {
  const codes: number[] = []
  for (;;) {
    const code = cursor.bytes[cursor.at]
    if (code === undefined) throw new Error('the row ends early')
    if (code === 0x5c) codes.push(cursor.bytes[++cursor.at] ?? 0)
    else if (stops.includes(String.fromCharCode(code))) break
    else codes.push(code)
    cursor.at++
  }
  return Buffer.from(codes).toString('utf8')
}

function take(cursor: Cursor): string {
  return String.fromCharCode(cursor.bytes[cursor.at++] ?? 0)
}

function readValue(cursor: Cursor): { kind: Kind; value: Value } {
  const [first, second] = cursor.bytes.subarray(cursor.at)
  if (first === 0x3d && second === 0x10) {
    cursor.at += 10
    return { kind: 'double', value: cursor.bytes.readDoubleLE(cursor.at - 8) }
  }
  if (first === 0x3d && second === 0x0e) return { kind: 'array', value: readArray(cursor) }
  if (first === 0x22) {
    cursor.at++
    const value = readText(cursor, '"')
    cursor.at++
    return { kind: 'string', value }
  }
  return readTyped(readText(cursor, ', '))
}

function readTyped(text: string): { kind: Kind; value: Value } {
  if (text === 't' || text === 'f') return { kind: 'boolean', value: text === 't' }
  const digits = text.slice(0, -1)
  if (!/^-?\d+$/.test(digits)) throw new Error(`odd value ${text}`)
  if (text.endsWith('i')) return { kind: 'int', value: Number(digits) }
  if (text.endsWith('n')) return { kind: 'nanos', value: digits }
  if (text.endsWith('t')) return { kind: 'micros', value: Number(digits) }
  throw new Error(`odd value ${text}`)
}

function readArray(cursor: Cursor): number[][] {
  const { bytes } = cursor
  if (bytes[cursor.at + 2] !== 0x0a || bytes[cursor.at + 3] !== 2) throw new Error('odd array')
  const rows = bytes.readUInt32LE(cursor.at + 4)
  const columns = bytes.readUInt32LE(cursor.at + 8)
  cursor.at += 12
  return Array.from({ length: rows }, () => {
    return Array.from({ length: columns }, () => {
      cursor.at += 8
      return bytes.readDoubleLE(cursor.at - 8)
    })
  })
}
