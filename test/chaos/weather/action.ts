import type { Random } from '../random.ts'
import type { Plan } from '../archive/plan.ts'
import type { World } from '../world/world.ts'

/** What only one action at a time may touch; `backfills`: new ones start. */
export type Resource =
  'servers' | 'workers' | 'road to s3' | 'road to questdb' | 'backfills' | 'steering' | 'archive'

/** Something that happens to a running system. */
export interface Action {
  /** What is taken while it runs. */
  readonly needs: readonly Resource[]
  /** How often it is chosen, among the others; what stops all work must be rare, or nothing is at work. */
  readonly weight: number
  /** How long it usually takes at most, milliseconds: it is not begun when the storm is over before. */
  readonly lastsMs: number
  /** It waits for what it needs, and nothing else takes it meanwhile; others take only what is free. */
  readonly isPatient?: true
  /** Resolves when what it did to the world is undone, or done. */
  readonly run: (scene: Scene) => Promise<unknown>
}

/** What an action works with. */
export interface Scene {
  readonly world: World
  readonly plan: Plan
  /** The action's own chance. */
  readonly random: Random
  /** Tells what is done, with the time. */
  readonly note: (what: string) => void
  /** A process was killed. */
  readonly killed: () => void
}
