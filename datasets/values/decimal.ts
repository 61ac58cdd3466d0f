import type { RejectReason } from '../dataset.ts'

const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i

/** The double nearest to a decimal text, or why it is none. */
export function parseDecimal(text: string): number | RejectReason {
  if (!DECIMAL.test(text)) return NOT_FINITE.test(text) ? 'not_finite' : 'wrong_shape'
  const value = Number(text)
  return Number.isFinite(value) ? value : 'not_finite'
}

/** A decimal of either sign: text, or a number where a format has those. */
export function parseSigned(value: unknown): number | RejectReason {
  return typeof value === 'string' ? parseDecimal(value) : parseNumber(value)
}

/** A price or size, which is never negative: decimal text, or a number where a format has those. */
export function parseAmount(value: unknown): number | RejectReason {
  const parsed = parseSigned(value)
  return typeof parsed === 'number' && parsed < 0 ? 'negative' : parsed
}

function parseNumber(value: unknown): number | RejectReason {
  if (typeof value !== 'number') return 'wrong_shape'
  return Number.isFinite(value) ? value : 'not_finite'
}
