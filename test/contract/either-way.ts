import type { Dataset, ObjectContext } from '@backtide/datasets/dataset'
import { expect } from 'vitest'
import { decodeObject, type DecodeOptions, type Decoded } from './decode.ts'
import { withReader } from './oracle/oracle.ts'
import { ORACLES } from './oracle/oracles.ts'

/**
 * Decodes an object with lines scanned, with every line parsed in full, and by the dataset's oracle,
 * and expects all to give the same bytes, cut at the same places, and the same tally. Returns what
 * scanning gave.
 */
export function expectSameEitherWay(
  dataset: Dataset,
  object: ObjectContext,
  input: Uint8Array,
  options?: DecodeOptions,
): Decoded {
  const scanned = decodeObject(dataset, object, input, options)
  const others = [decodeObject(dataset, object, input, { ...options, scan: false })]
  const oracle = ORACLES.get(dataset.id)
  if (oracle) others.push(decodeObject(withReader(dataset, oracle), object, input, options))
  for (const other of others) expectSame(scanned, other)
  return scanned
}

function expectSame(scanned: Decoded, other: Decoded): void {
  expect({ ...scanned.tally, fallbacks: 0 }).toEqual({ ...other.tally, fallbacks: 0 })
  expect(placesOf(scanned)).toEqual(placesOf(other))
  // Told last: a difference of bytes says little to a reader.
  if (!scanned.bytes.equals(other.bytes)) expect(scanned.rows).toEqual(other.rows)
  expect(scanned.bytes.equals(other.bytes)).toBe(true)
}

function placesOf({ chunks }: Decoded): unknown {
  return chunks.map(({ ts, ends }) => ({ ts: [...ts], ends: [...ends] }))
}
