import { createHash } from 'node:crypto'
import type { IlpRow } from './ilp-reader.ts'

/** LONG and INT, DOUBLE, text, arrays; undefined is NULL. */
type Value = bigint | number | string | boolean | number[][] | undefined
type Evaluate = (row: IlpRow) => Value

/**
 * Evaluates a dataset's checksum expression over a row in exact integers, as QuestDB does: enough of
 * its SQL for the forms that `datasets/values/checksum.ts` writes; that QuestDB itself agrees is shown in
 * test/e2e/checksums.test.ts. @throws SyntaxError for any other form
 */
export function evaluateCheck(expression: string, row: IlpRow): number {
  let evaluate = known.get(expression)
  if (!evaluate) known.set(expression, (evaluate = compile(expression)))
  // A sum leaves out what is NULL.
  return Number(evaluate(row) ?? 0)
}

const known = new Map<string, Evaluate>()
const TOKEN = /\s*(::|\|\||'[^']*'|[A-Za-z_]\w*|\d+e\d+|\d+|[()[\],*+%=])/y

function compile(expression: string): Evaluate {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(expression); match; match = TOKEN.exec(expression)) {
    tokens.push(match[1] ?? '')
  }
  if (tokens.join('') !== expression.replaceAll(/\s/g, '')) throw new SyntaxError(expression)
  const evaluate = readOperators(tokens, 0)
  if (tokens.length > 0) throw new SyntaxError(`${tokens[0]} is left of ${expression}`)
  return evaluate
}

/** Operators from the loosest to the tightest, all from left to right; NULL makes NULL. */
const OPERATORS: readonly Readonly<Record<string, (a: never, b: never) => Value>>[] = [
  { '=': (a: Value, b: Value) => a === b },
  { '||': (a: string, b: string) => a + b },
  { '+': (a: bigint, b: bigint) => inLong(a + b) },
  {
    '*': (a: Value, b: Value) =>
      typeof a === 'bigint' && typeof b === 'bigint' ? inLong(a * b) : Number(a) * Number(b),
    '%': (a: bigint, b: bigint) => (b === 0n ? undefined : a % b),
  },
]

function readOperators(tokens: string[], tightness: number): Evaluate {
  const operators = OPERATORS[tightness]
  if (!operators) return readCasts(tokens)
  let left = readOperators(tokens, tightness + 1)
  for (;;) {
    const apply = operators[tokens[0] ?? '']
    if (!apply) return left
    tokens.shift()
    const [a, b] = [left, readOperators(tokens, tightness + 1)]
    left = (row) => nullOr(apply, [a(row), b(row)])
  }
}

function nullOr(apply: (...values: never[]) => Value, values: readonly Value[]): Value {
  return values.includes(undefined) ? undefined : apply(...(values as never[]))
}

function readCasts(tokens: string[]): Evaluate {
  let operand = readOperand(tokens)
  while (tokens[0] === '::') {
    tokens.shift()
    const [of, cast] = [operand, CASTS[tokens.shift() ?? '']]
    if (!cast) throw new SyntaxError('an unknown type')
    operand = (row) => nullOr(cast, [of(row)])
  }
  return operand
}

/** A result of 64 bits, of which the least is NULL. */
function inLong(exact: bigint): bigint | undefined {
  const value = BigInt.asIntN(64, exact)
  return value === -(2n ** 63n) ? undefined : value
}

const toLong = (value: number | string | bigint): bigint | undefined => {
  if (typeof value !== 'number') return BigInt(value)
  if (value === 2 ** 63) return 2n ** 63n - 1n
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : undefined
}
const CASTS: Readonly<Record<string, (value: never) => Value>> = {
  long: toLong,
  int: toLong,
  long256: toLong,
  string: String,
}

const FUNCTIONS: Readonly<Record<string, (...values: never[]) => Value>> = {
  left: (text: string, length: bigint) => text.slice(0, Number(length)),
  right: (text: string, length: bigint) => text.slice(-Number(length)),
  md5: (text: string) => createHash('md5').update(text).digest('hex'),
  dim_length: (array: number[][]) => BigInt(array[0]?.length ?? 0),
}

function readOperand(tokens: string[]): Evaluate {
  const token = tokens.shift() ?? ''
  if (token === '(') return readUntil(tokens, ')')
  if (token === 'CASE') return readCase(tokens)
  if (token.startsWith("'")) return () => token.slice(1, -1)
  if (/^\d+$/.test(token)) return () => BigInt(token)
  if (/^\d/.test(token)) return () => Number(token)
  if (tokens[0] === '(') return readCall(token, readList(tokens, ')'))
  if (tokens[0] === '[') return readElement(token, readList(tokens, ']'))
  return (row) => columnOf(row, token)
}

/** Integers and nanosecond times are LONGs. */
function columnOf({ ts, values, kinds }: IlpRow, name: string): Value {
  const value = name === 'ts' ? ts : values[name]
  const isLong = name === 'ts' || ['int', 'nanos', 'micros'].includes(kinds[name] ?? '')
  return isLong && value !== undefined ? BigInt(value as number) : value
}

function readUntil(tokens: string[], end: string): Evaluate {
  const inner = readOperators(tokens, 0)
  if (tokens.shift() !== end) throw new SyntaxError(`${end} is missing`)
  return inner
}

function readList(tokens: string[], end: string): readonly Evaluate[] {
  const list: Evaluate[] = []
  do {
    tokens.shift()
    list.push(readOperators(tokens, 0))
  } while (tokens[0] === ',')
  if (tokens.shift() !== end) throw new SyntaxError(`${end} is missing`)
  return list
}

function readCall(name: string, list: readonly Evaluate[]): Evaluate {
  if (name === 'coalesce') return (row) => list.map((of) => of(row)).find((v) => v !== undefined)
  const apply = FUNCTIONS[name]
  if (!apply) throw new SyntaxError(`an unknown function ${name}`)
  return (row) =>
    nullOr(
      apply,
      list.map((of) => of(row)),
    )
}

function readElement(name: string, list: readonly Evaluate[]): Evaluate {
  return (row) => {
    const [at, level] = list.map((of) => of(row))
    if (at === undefined || level === undefined) return undefined
    return (columnOf(row, name) as number[][])[Number(at) - 1]?.[Number(level) - 1]
  }
}

/** `CASE WHEN … THEN … ELSE … END` */
function readCase(tokens: string[]): Evaluate {
  tokens.shift()
  const condition = readUntil(tokens, 'THEN')
  const then = readUntil(tokens, 'ELSE')
  const otherwise = readUntil(tokens, 'END')
  return (row) => (condition(row) === true ? then(row) : otherwise(row))
}
