import { Readable } from 'node:stream'
import type { RangeAnswer } from './ranged-archive.ts'
import { readRange, type RangeReading } from './read-range.ts'

/** Compares the bytes of a body, as they pass, with what they should be. */
export interface BodyCheck {
  update(bytes: Uint8Array): void
  /** @throws SourceUnavailableError when these are not the bytes that the archive holds */
  verify(): void | Promise<void>
}

/** Bytes of one request: what S3 advises, and more than almost all hours of one coin. */
export const PART_BYTES = 8 * 1024 * 1024

/** Parts that may be held in memory ahead of their readers, by all objects of an archive. */
export interface PartBudget {
  /** Takes the place of one part, if there is one. */
  take(): boolean
  give(): void
}

/** Allows so many parts at once. */
export function createPartBudget(parts: number): PartBudget {
  let free = parts
  return {
    take: () => {
      if (free === 0) return false
      free -= 1
      return true
    },
    give: () => {
      free += 1
    },
  }
}

export interface ObjectReading extends Omit<RangeReading, 'range' | 'opened'> {
  /** The answer that opened the object. */
  readonly first: RangeAnswer
  readonly checks: readonly BodyCheck[]
  readonly budget: PartBudget
}

/**
 * Gives the bytes of an object in order, all of them or an error. The first part flows as it comes,
 * and so does the next when the budget is used up: reading always goes on, with more memory only
 * faster.
 * @throws SourceUnavailableError when bytes are missing, or are not those the checks expect
 */
export async function* readObject(reading: ObjectReading): AsyncGenerator<Uint8Array> {
  const { checks } = reading
  for await (const bytes of readParts(reading)) {
    for (const check of checks) check.update(bytes)
    yield bytes
  }
  for (const check of checks) await check.verify()
}

async function* readParts({
  first,
  budget,
  ...reading
}: ObjectReading): AsyncGenerator<Uint8Array> {
  const { signal } = reading
  const ahead: Readable[] = []
  let asked = first.to
  const nextPart = () => {
    const range = { from: asked, to: Math.min(asked + PART_BYTES, first.size) }
    asked = range.to
    return readRange({ ...reading, range })
  }
  const lookAhead = () => {
    signal.throwIfAborted()
    while (asked < first.size && budget.take()) ahead.push(readAhead(nextPart()))
  }
  // Also when the object is closed and nobody asks for the next byte any more.
  const drop = () => {
    for (const part of ahead.splice(0)) {
      part.destroy()
      budget.give()
    }
  }
  signal.addEventListener('abort', drop, { once: true })
  try {
    lookAhead()
    yield* readRange({ ...reading, range: first, opened: first.body })
    while (ahead.length > 0 || asked < first.size) {
      yield* ahead[0] ?? nextPart()
      if (ahead.shift()) budget.give()
      lookAhead()
    }
  } finally {
    signal.removeEventListener('abort', drop)
    drop()
  }
}

/** Begins to read now and holds what comes; an error is thrown where the part is read. */
function readAhead(bytes: AsyncIterable<Uint8Array>): Readable {
  const part = Readable.from(bytes, { highWaterMark: PART_BYTES })
  part.on('error', () => {})
  part.read(0)
  return part
}
