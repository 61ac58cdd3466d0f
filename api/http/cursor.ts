import { z } from 'zod'
import { invalidRequest } from './problem.ts'

/** An instant in a cursor, UTC milliseconds: one that a statement can hold. */
export const cursorInstant = z
  .int()
  .min(0)
  .max(Date.UTC(9999, 0, 1))

/** Makes a cursor: opaque to clients, readable by `readCursor` with the same schema. */
export function makeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * Reads a cursor.
 * @throws ProblemError 422 for anything `makeCursor` did not make for this schema
 */
export function readCursor<T>(schema: z.ZodType<T>, cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined
  const read = schema.safeParse(parse(cursor))
  if (read.success) return read.data
  const detail = 'The cursor is not of this list; use the "next" of the page before, unchanged.'
  throw invalidRequest([{ pointer: '/cursor', detail }])
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
