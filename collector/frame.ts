/** A value of JSON, with integers that a number cannot hold exactly as text. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/**
 * Parses a frame. Integers from 9·10^15 on, which `JSON.parse` would round (ids beyond 2^53), come as
 * text; what the capture holds is the frame as it came.
 * @returns undefined when it is not JSON
 */
export function parseFrame(text: string): Json | undefined {
  try {
    return JSON.parse(LONG_INTEGER.test(text) ? text.replace(TOKEN, quoteLong) : text) as Json
  } catch {
    return undefined
  }
}

/** An object's fields; of anything else, none. */
export function fieldsOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {}
}

/** A string as it is, anything else as JSON: for names, keys and messages. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** An id as a whole number; undefined for what is none. */
export function idOf(value: Json | undefined): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' && /^-?\d{1,40}$/.test(value) ? BigInt(value) : undefined
}

const LONG_INTEGER = /(?:^|[:,[\s-])(?:9\d{15}|\d{17})/

/** A string, to be passed over, or a long integer that is no part of a fraction or exponent. */
const TOKEN = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?(?:9\d{15}|\d{17,})(?![\d.eE])/g

function quoteLong(token: string): string {
  return token.startsWith('"') ? token : `"${token}"`
}
