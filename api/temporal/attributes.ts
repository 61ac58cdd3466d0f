import type { BackfillInput } from '@backtide/core/backfill'
import {
  BACKFILL_ATTRIBUTE,
  DATASET_ATTRIBUTE,
  PHASE_ATTRIBUTE,
  SEARCH_ATTRIBUTES,
} from '@backtide/workflows/search-attributes'
import type { Client } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { isRefusal } from './errors.ts'

/** Search attributes of a backfill that starts. */
export function attributesOf(input: BackfillInput): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: BACKFILL_ATTRIBUTE, value: input.backfillId },
    { key: DATASET_ATTRIBUTE, value: input.dataset },
    { key: PHASE_ATTRIBUTE, value: 'starting' },
  ])
}

/** temporal.api.enums.v1.IndexedValueType */
const INDEXED_VALUE_TYPE = {
  TEXT: 1,
  KEYWORD: 2,
  INT: 3,
  DOUBLE: 4,
  BOOL: 5,
  DATETIME: 6,
  KEYWORD_LIST: 7,
} as const

/**
 * A check, asked of Temporal once, whether the namespace knows our search attributes; the missing
 * ones are registered. A server that refuses them is answered with false: backfills run without.
 */
export function createAttributeCheck(
  { connection, options: { namespace } }: Client,
  call: <T>(work: () => Promise<T>) => Promise<T>,
): () => Promise<boolean> {
  let known: Promise<boolean> | undefined
  const missingKeys = async () => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace,
    })
    return SEARCH_ATTRIBUTES.filter((key) => !customAttributes?.[key.name])
  }
  const register = async (): Promise<boolean> => {
    const missing = await missingKeys()
    if (missing.length === 0) return true
    const searchAttributes = Object.fromEntries(
      missing.map((key) => [key.name, INDEXED_VALUE_TYPE[key.type]]),
    )
    try {
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes })
      return true
    } catch (error) {
      // A worker that boots at the same time registers them too: then they are there all the same.
      if (isRefusal(error)) return (await missingKeys()).length === 0
      throw error
    }
  }
  const check = async (): Promise<boolean> => {
    try {
      return await call(register)
    } catch (error) {
      if (isRefusal(error)) return false
      known = undefined
      throw error
    }
  }
  return () => (known ??= check())
}
