/** Where QuestDB is, read from the client's own configuration string. */
export interface QuestDbAddress {
  /** Base URL of its HTTP endpoint, without a slash at the end. */
  readonly url: string
  /** Headers that authenticate a request; empty without credentials. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Reads a `QDB_CLIENT_CONF` (`http::addr=127.0.0.1:9000;username=…;password=…;`).
 * Only HTTP is taken: TCP reports no errors, so nothing could be verified.
 * @throws TypeError naming what is wrong, never the credentials
 */
export function readQuestDbConf(conf: string): QuestDbAddress {
  const match = /^(https?)::(.*)$/.exec(conf.trim())
  if (!match) throw new TypeError('QDB_CLIENT_CONF must begin with http:: or https::')
  const settings = readSettings(match[2] ?? '')
  const addr = settings.get('addr')
  if (!addr) throw new TypeError('QDB_CLIENT_CONF has no addr=host:port')
  const host = addr.includes(':') ? addr : `${addr}:9000`
  return {
    url: `${match[1]}://${host}`,
    headers: authorization(settings),
  }
}

function readSettings(text: string): Map<string, string> {
  const settings = new Map<string, string>()
  for (const part of text.replaceAll(';;', '\0').split(';')) {
    const cut = part.indexOf('=')
    if (cut > 0) settings.set(part.slice(0, cut), part.slice(cut + 1).replaceAll('\0', ';'))
  }
  return settings
}

function authorization(settings: ReadonlyMap<string, string>): Record<string, string> {
  const token = settings.get('token')
  if (token) return { authorization: `Bearer ${token}` }
  const user = settings.get('username')
  if (!user) return {}
  const pair = Buffer.from(`${user}:${settings.get('password') ?? ''}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}
