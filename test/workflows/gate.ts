/** Something to wait for until a test opens it. */
export interface Gate {
  readonly open: () => void
  readonly opened: Promise<void>
}

/** A closed gate. */
export function createGate(): Gate {
  const { promise, resolve } = withResolvers()
  return { open: resolve, opened: promise }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  const resolvers: (() => void)[] = []
  const promise = new Promise<void>((resolve) => resolvers.push(resolve))
  return { promise, resolve: () => resolvers.forEach((resolve) => resolve()) }
}
