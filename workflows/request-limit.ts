import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import { BACK_OFF, TAKE_TURN } from '@backtide/core/ids'
import { backOff, takeTurn, type Bucket, type RequestTurn } from '@backtide/core/request-limit'

const takeTurnUpdate = defineUpdate<number, [RequestTurn]>(TAKE_TURN)

const backOffSignal =
  defineSignal<[{ readonly weightPerMinute: number; readonly ms: number }]>(BACK_OFF)

/** What one run of a limit hands to the next. */
export interface LimitState {
  readonly bucket?: Bucket | undefined
  /**
   * After so many milliseconds without a request the limit ends: its bucket is full by then, and the next
   * request starts it anew.
   */
  readonly idleMs?: number
}

const IDLE_MS = 600_000

/**
 * What a venue allows one address, shared by all workers: a turn is taken by an update, which answers
 * how long to wait for it.
 */
export async function requestLimit({
  bucket: carried,
  idleMs = IDLE_MS,
}: LimitState = {}): Promise<void> {
  let bucket = carried
  let asked = 0
  setHandler(
    takeTurnUpdate,
    (turn) => {
      asked += 1
      const taken = takeTurn(bucket, turn, Date.now())
      bucket = taken.bucket
      return taken.waitMs
    },
    { validator: checkTurn },
  )
  setHandler(backOffSignal, ({ weightPerMinute, ms }) => {
    asked += 1
    bucket = backOff(bucket, { weightPerMinute }, ms, Date.now())
  })
  for (;;) {
    const before = asked
    const isLong = await condition(() => workflowInfo().continueAsNewSuggested, idleMs)
    await condition(allHandlersFinished)
    if (isLong) await continueAsNew<typeof requestLimit>({ bucket, idleMs })
    if (asked === before) return
  }
}

function checkTurn({ weight, weightPerMinute }: RequestTurn): void {
  if (!(weightPerMinute > 0) || !(weight >= 0) || !(weight <= weightPerMinute)) {
    throw new Error(`No turn weighs ${weight} of ${weightPerMinute} a minute.`)
  }
}
