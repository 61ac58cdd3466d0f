import type { ObjectContext } from '../dataset.ts'
import { MICROSECONDS_SINCE } from './archive.ts'

/**
 * Times of a file: milliseconds or microseconds, which its date decides. One in the other unit lies in
 * 1970 or the year 57000, so never inside the day.
 */
export class FileTime {
  readonly #perUnit: number
  readonly #from: number
  readonly #to: number

  constructor({ from, to }: ObjectContext) {
    this.#perUnit = from >= MICROSECONDS_SINCE ? 1 : 1000
    this.#from = from * 1000
    this.#to = to * 1000
  }

  /** UTC microseconds of a time of the file. */
  micros(time: number): number {
    return time * this.#perUnit
  }

  /** Whether UTC microseconds lie in the day. */
  isInside(micros: number): boolean {
    return micros >= this.#from && micros < this.#to
  }
}
