/**
 * Copies all of some bytes to a place of others that they do not overlap. `set` copies into and out of shared
 * memory word by word (V8's `relaxed_memmove`); to fill with as many bytes as there is room is one `memcpy`.
 */
export function copyBytes(source: Uint8Array, target: Buffer, at: number): void {
  if (source.length > 0) target.fill(source, at, at + source.length)
}
