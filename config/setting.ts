import { z } from 'zod'

/** A process that reads settings. */
export type Reader = 'worker' | 'api' | 'stack' | 'stop' | 'cli'

/**
 * How a variable's or a flag's text becomes what a file would hold: a path is text too, but one in a
 * file is relative to the folder of the file.
 */
export type Written = 'text' | 'path' | 'number' | 'list' | 'json'

/** What is declared of a setting; everything else about it follows. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** Variables that set it: the first is its own, the others stand in for it. */
  readonly variables: readonly [string, ...string[]]
  /** One sentence for people. */
  readonly about: string
  /** Text when absent. */
  readonly written?: Written
  /** What it may be, as a file holds it; never says what it was given. */
  readonly schema: Schema
  /** As a file would hold it. */
  readonly default?: z.input<Schema>
  /** For people, where the default cannot be said so. */
  readonly defaultText?: string
  /** What it might be, where there is no default. */
  readonly example?: z.input<Schema>
  /** `whole`: never in a file and never shown; `within`: it may have one in it, which is not. */
  readonly secret?: 'whole' | 'within'
  readonly readers: readonly Reader[]
}

/** A setting that always has a value. */
export function always<Schema extends z.ZodType>(
  declared: Setting<Schema> & { readonly default: z.input<Schema> },
): Setting<Schema> & { readonly default: z.input<Schema> } {
  return declared
}

/** A setting that may have no value. */
export function perhaps<Schema extends z.ZodType>(
  declared: Omit<Setting<Schema>, 'default'>,
): Omit<Setting<Schema>, 'default'> & { readonly default?: undefined } {
  return declared
}

export const text = z.string('must be text')

export const secretText = z.string('must be text').min(1)

/** A secret that goes into a header as it is. */
export const headerText = z
  .string('must be text')
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be printable')

export const port = whole(0, 65_535)

export const webAddress = z
  .string('must be an http(s) address')
  .regex(/^https?:\/\//, 'must be an http(s) address')
  .refine((address) => URL.canParse(address), 'must be an http(s) address')
  .transform((address) => address.replace(/\/+$/, ''))

/** A whole number. */
export function whole(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`
  return z.number(message).int(message).min(least, message).max(most, message)
}

/** Text that a pattern describes. */
export function matching(pattern: RegExp, wanted: string) {
  return z.string(wanted).regex(pattern, wanted)
}
