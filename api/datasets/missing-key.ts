import type { Dataset } from '@backtide/datasets/dataset'
import type { Deps } from '../deps.ts'

/** What to do about a key that the venue of a dataset asks for and nobody has given; undefined where none is. */
export function missingKey(
  { settings }: Pick<Deps, 'settings'>,
  { source }: Pick<Dataset, 'source'>,
): string | undefined {
  if (source.kind !== 'rest' || !source.key) return undefined
  const { variable } = source.key
  if (settings.sourceKeys?.includes(variable)) return undefined
  return `${source.name} asks for a key: set ${variable}, or ${variable}_FILE, for the API and its workers`
}
