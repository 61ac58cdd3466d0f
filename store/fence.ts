/** Lets a writer through as long as it is the one that may write. */
export interface Fence {
  /** Whether the writer may write now. */
  readonly isOpen: boolean
  /** Resolves when the writer may write. Throws why, when it may not any more. */
  wait(): Promise<void>
}

/** Of a writer that nobody can be in the way of. */
export const ALWAYS_OPEN: Fence = { isOpen: true, wait: () => Promise.resolve() }

/**
 * Does something the moment a fence is open: nothing comes between the look and the deed but what
 * `act` does itself. Without a fence at once.
 * @throws what the fence throws
 */
export async function behind<T>(fence: Fence | undefined, act: () => T): Promise<T> {
  while (fence && !fence.isOpen) await fence.wait()
  return act()
}
