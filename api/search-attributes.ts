import { SEARCH_ATTRIBUTES } from '@backtide/workflows/search-attributes'
import type { TemporalAccess } from './temporal-runs.ts'
import { isRefusal } from './temporal-errors.ts'

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
  { connection, namespace }: Pick<TemporalAccess, 'connection' | 'namespace'>,
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
