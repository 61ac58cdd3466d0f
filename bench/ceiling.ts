import type { Dataset } from '@backtide/datasets/dataset'
import { createQuestDb } from '@backtide/store/questdb'
import type { Input } from './input/archive.ts'
import type { LoadPath } from './load-path.ts'

/** The bodies that the load path makes of an input: of its sizes, cut where it cuts. */
export async function bodiesOf(
  path: LoadPath,
  dataset: Dataset,
  input: Input,
): Promise<readonly Buffer[]> {
  const bodies: Buffer[] = []
  // What is sent may be reused afterwards.
  await path.load(dataset, input, () => ({
    write: async (body) => void bodies.push(Buffer.from(body)),
    commit: () => Promise.resolve(),
    abort: () => {},
  }))
  return bodies
}

/** Sends bodies over some connections, each taking the next one when it is free. */
export async function sendBodies(
  conf: string,
  bodies: readonly Buffer[],
  connections: number,
): Promise<void> {
  const left = bodies.values()
  const drain = async () => {
    const db = createQuestDb(conf)
    for (const body of left) await db.send(body)
  }
  await Promise.all(Array.from({ length: connections }, drain))
}
