import { inflateRawSync } from 'node:zlib'

/** Lines of a zipped file at a URL, as one writes it first: all of it at once, nothing checked. */
export async function fetchZippedLines(url: string): Promise<readonly string[]> {
  const response = await fetch(url)
  const text = unzip(Buffer.from(await response.arrayBuffer())).toString()
  return text.split('\n').filter((line) => line !== '')
}

/** Content of the first file of an archive. */
function unzip(bytes: Buffer): Buffer {
  const start = 30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28)
  return inflateRawSync(bytes.subarray(start, start + bytes.readUInt32LE(18)))
}
