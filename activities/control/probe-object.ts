import type { ProbeInput, ProbeResult } from '@backtide/core/probe'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Account, ObjectStore } from '../objects/object-store.ts'

/** Looks for an object that is there, and how large it is; of its bytes few are fetched. Never fails. */
export async function probeObject(
  { dataset, objects, account, signal }: ProbeContext,
  { starts, symbol }: ProbeInput,
): Promise<ProbeResult> {
  try {
    for (const partition of starts) {
      const [key] = dataset.source.objects(partition, symbol)
      if (key === undefined) continue
      const opened = await objects.open(key, { signal, account })
      if (opened.state === 'refused') return { reason: `${key} is refused: ${opened.reason}` }
      if (opened.state !== 'found') continue
      opened.close()
      return { partition, object: key, size: opened.size }
    }
    return { reason: `none of ${starts.length} recent partitions has an object of ${symbol}` }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

export interface ProbeContext {
  readonly dataset: Dataset
  readonly objects: ObjectStore
  /** Who pays; absent where nobody has to. */
  readonly account?: Account | undefined
  readonly signal: AbortSignal
}
