import { z } from 'zod'
import { nearest } from './nearest.ts'

/** An object of these fields and no others. @param kind what a field is called: `source` */
export function only<Shape extends z.ZodRawShape>(kind: string, shape: Shape) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: ({ code, keys }) => {
      if (code === 'invalid_type') return `must be ${kind}s and what they are`
      return code === 'unrecognized_keys'
        ? keys.map((name) => describeUnknown(name, kind, known)).join('; ')
        : undefined
    },
  })
}

/**
 * Says of a name that it is none of those there are, and which of them was meant.
 * @param within goes before each name: `api.`
 */
export function describeUnknown(
  name: string,
  kind: string,
  known: readonly string[],
  within = '',
): string {
  const meant = nearest(name, known)
  const help =
    meant === undefined
      ? `known are ${known.map((one) => within + one).join(', ')}`
      : `did you mean ${within}${meant}?`
  return `${within}${name} is no ${kind}; ${help}`
}
