/** Text of a statement whose values went through `sql`; nothing else is sent to QuestDB. */
export interface Statement {
  readonly text: string
}

/** What may stand in a statement: numbers, strings, instants, lists of strings, other statements. */
export type SqlValue = number | string | readonly string[] | Instant | Statement

/** An instant in UTC milliseconds. */
export interface Instant {
  readonly ms: number
}

/**
 * Builds a statement with every value as a literal. QuestDB's HTTP endpoint takes no bind
 * variables, so this is the one place where text becomes SQL.
 * @throws TypeError for a value that has no safe literal
 */
export function sql(parts: TemplateStringsArray, ...values: readonly SqlValue[]): Statement {
  const text = parts.reduce((sum, part, index) => {
    const value = values[index - 1]
    return sum + (value === undefined ? '' : literal(value)) + part
  })
  return { text: text.replace(/\s+\n\s*/g, ' ').trim() }
}

/** Several statements as one, for example terms with ` AND `. */
export function joined(
  parts: readonly Statement[],
  separator: ' AND ' | ' OR ' | ', ' | ' UNION ALL ',
): Statement {
  return { text: parts.map(({ text }) => text).join(separator) }
}

/** An instant in UTC milliseconds as a value of `sql`. */
export function instant(ms: number): Instant {
  return { ms }
}

/** A timestamp in UTC microseconds as a value of `sql`: a text literal, so that it is an interval scan. */
export function micros(us: number): Statement {
  const text = new Date(Math.floor(us / 1000)).toISOString().slice(0, -1)
  return { text: `'${text}${String(us % 1000).padStart(3, '0')}Z'` }
}

/** A table or column name of ours. @throws TypeError for anything that would need quoting */
export function identifier(name: string): Statement {
  if (!/^[a-z][a-z0-9_]{0,99}$/.test(name)) throw new TypeError(`Not a name of ours: ${name}`)
  return { text: name }
}

/** SQL written by us, for example an expression a dataset declares. Never pass outside input. */
export function trusted(text: string): Statement {
  return { text }
}

function literal(value: SqlValue): string {
  if (typeof value === 'number') return number(value)
  if (typeof value === 'string') return string(value)
  if ('text' in value) return value.text
  if ('ms' in value) return `'${new Date(value.ms).toISOString()}'`
  return `(${value.map(string).join(', ')})`
}

function number(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`Not a safe integer: ${value}`)
  return String(value)
}

function string(value: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(value)) throw new TypeError('Control character in SQL value')
  return `'${value.replaceAll("'", "''")}'`
}
