/** Options of pino that are the same in every process: ISO time, and the level by its name. */
export const LOG_OPTIONS = {
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (level: string) => ({ level }) },
}

/**
 * A line of the log as people read it: `21:14:27.123 WARN worker: Activity failed: reason (day=2025-01-01)`.
 * What is no line of JSON stays as it is.
 */
export function readableLine(json: string): string {
  const line = parse(json)
  if (!line) return json
  const { level, time, name, msg, pid: _pid, hostname: _host, err, error = err, ...rest } = line
  const failure = (error ?? {}) as { readonly message?: unknown; readonly stack?: unknown }
  const details = Object.entries(rest).map(([key, value]) => `${key}=${show(value)}`)
  const said = [msg, failure.message].filter((text) => text !== undefined).map(show)
  const head = `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${show(name)}`
  const text = `${head}: ${said.join(': ')}${details.length > 0 ? ` (${details.join(' ')})` : ''}`
  // Whoever looks at an error wants to know where; warnings are weather.
  const where = level === 'error' && typeof failure.stack === 'string' ? `${failure.stack}\n` : ''
  return `${text}\n${where}`
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const line: unknown = JSON.parse(json)
    return typeof line === 'object' && line !== null ? { ...line } : undefined
  } catch {
    return undefined
  }
}

/** On one line, whatever it is. */
function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ')
}
