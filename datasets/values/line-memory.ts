/**
 * The memory that lines lie in, as a scanner reads it: views are made once for a chunk of lines, not
 * for each of them. Positions count from the start of the memory.
 */
export class LineMemory {
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(this.bytes.buffer)

  /** Turns to the memory of a line; returns where the line starts. */
  open(line: Uint8Array): number {
    const { buffer, byteOffset } = line
    if (buffer !== this.bytes.buffer) {
      this.bytes = new Uint8Array(buffer)
      this.view = new DataView(buffer)
    }
    return byteOffset
  }
}
