import type { Dataset, ObjectContext } from '@backtide/datasets/dataset'
import { expect } from 'vitest'
import { decodeObject, type DecodeOptions, type Decoded } from './decode.ts'

/**
 * Decodes an object with lines scanned and with every line parsed in full, and expects both to give
 * the same bytes, cut at the same places, and the same tally. Returns what scanning gave.
 */
export function expectSameEitherWay(
  dataset: Dataset,
  object: ObjectContext,
  input: Uint8Array,
  options?: DecodeOptions,
): Decoded {
  const scanned = decodeObject(dataset, object, input, options)
  const parsed = decodeObject(dataset, object, input, { ...options, scan: false })
  expect({ ...scanned.tally, fallbacks: 0 }).toEqual(parsed.tally)
  expect(placesOf(scanned)).toEqual(placesOf(parsed))
  // Told last: a difference of bytes says little to a reader.
  if (!scanned.bytes.equals(parsed.bytes)) expect(scanned.rows).toEqual(parsed.rows)
  expect(scanned.bytes.equals(parsed.bytes)).toBe(true)
  return scanned
}

function placesOf({ chunks }: Decoded): unknown {
  return chunks.map(({ ts, ends }) => ({ ts: [...ts], ends: [...ends] }))
}
