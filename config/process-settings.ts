import type { Flags } from './flags.ts'
import type { Origin } from './found.ts'
import type { Key, Value } from './settings.ts'

/** The settings of a process, read once. */
export interface Settings {
  /** What a setting gives, its default included. @throws Error for one the process does not read */
  get<K extends Key>(key: K): Value<K>
  /** What a setting gives where somebody set it. */
  given<K extends Key>(key: K): Value<K> | undefined
  /** The value as it was written, or the default; undefined without any. */
  written(key: Key): unknown
  origin(key: Key): Origin
  readonly flags: Flags
  /** The file that was read; absolute, and as it is shown. */
  readonly file: { readonly path: string; readonly shown: string } | undefined
}
