import type { Scene } from './action.ts'

/** Waits for the middle of something: a fetch, a body on its way, a ledger row, or nothing at all. */
export async function moment({ world: { gates }, random }: Scene): Promise<void> {
  const [what, ms] = [random.next(), random.between(0, 40)]
  if (what < 0.25) await gates.s3.sees(() => true, LONGEST_MS)
  else if (what < 0.6) await gates.questdb.sees(({ path }) => path.startsWith('/write'), LONGEST_MS)
  else if (what < 0.8) await gates.questdb.sees(({ path }) => path.includes('ledger'), LONGEST_MS)
  await pause(ms)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const LONGEST_MS = 1_500
