import { ContainerError, type Container } from './container.ts'
import { createInflater, InflateError, type Inflater } from './inflater.ts'

/**
 * Reader of gzip (RFC 1952): one or more members, one after the other, checksums and sizes verified.
 * Nothing else may follow.
 */
export function createGzipReader(): Container {
  let member: Inflater | undefined
  let offset = 0

  function* inflate(inflater: Inflater, bytes: Uint8Array): Generator<Uint8Array, number> {
    try {
      return yield* inflater.push(bytes)
    } catch (cause) {
      if (!(cause instanceof InflateError)) throw cause
      const found = cause.message
      throw broken('a gzip member', found, offset + cause.taken, { cause })
    }
  }

  return {
    *push(bytes) {
      let rest = bytes
      while (rest.length > 0) {
        member ??= createInflater('gzip')
        const taken = yield* inflate(member, rest)
        offset += taken
        rest = rest.subarray(taken)
        if (member.isAtEnd()) member = undefined
      }
    },
    end() {
      if (member) throw broken('the rest of a gzip member', 'the end of the object', offset)
    },
  }
}

function broken(
  expected: string,
  found: string,
  offset: number,
  options?: ErrorOptions,
): ContainerError {
  return new ContainerError({ what: 'gzip', expected, found, offset }, options)
}
