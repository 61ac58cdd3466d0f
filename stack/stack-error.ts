/** 2: wrong usage or configuration, 4: something we depend on is missing or down, 5: our own fault. */
export type ExitCode = 2 | 4 | 5

/** The local stack cannot go on. The message says what is wrong and what to do about it. */
export class StackError extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = 4, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StackError'
    this.exitCode = exitCode
  }
}
