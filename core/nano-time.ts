let second = -1n
let secondText = ''

/** `2025-01-01T00:00:00.123456789` of UTC nanoseconds. */
export function timeText(time: bigint): string {
  const whole = time / 1_000_000_000n
  if (whole !== second) {
    second = whole
    secondText = new Date(Number(whole) * 1000).toISOString().slice(0, 19)
  }
  return `${secondText}.${String(time % 1_000_000_000n).padStart(9, '0')}`
}

/** UTC nanoseconds of what `timeText` wrote; undefined for anything else. */
export function timeOfText(text: string): bigint | undefined {
  const [, whole, fraction] = /^([\d-]+T[\d:]+)\.(\d{9})$/.exec(text) ?? []
  if (whole === undefined || fraction === undefined) return undefined
  const ms = Date.parse(`${whole}Z`)
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction)
}
