/** Tells when so much of what comes is unreadable that the venue must have changed its format. */
export interface Breaker {
  /** A frame came; true when it is the one that trips the breaker. */
  frame(readable: boolean): boolean
  isOpen(): boolean
}

/** Of the latest frames; one in ten is more than any venue sends by mistake. */
const LATEST = 200
const MOST_UNREADABLE = 20

/** Raw frames are kept whatever it says. It closes when none of the latest was. */
export function createBreaker(): Breaker {
  let open = false
  let unreadable: readonly number[] = []
  let count = 0
  return {
    frame(readable) {
      count++
      if (!readable) unreadable = [...unreadable, count]
      if (unreadable.length > 0) unreadable = unreadable.filter((at) => at > count - LATEST)
      const trips = !open && unreadable.length > MOST_UNREADABLE
      if (trips) open = true
      else if (unreadable.length === 0) open = false
      return trips
    },
    isOpen: () => open,
  }
}
