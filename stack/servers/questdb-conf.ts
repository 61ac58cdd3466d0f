import type { Login } from './kept-login.ts'

/** Ports of one QuestDB, all on 127.0.0.1. */
export interface QuestDbPorts {
  readonly port: number
  readonly pgPort: number
  readonly healthPort: number
}

/** Text of server.conf: the settings of the local stack, with `extra` over them. */
export function serverConf(
  ports: QuestDbPorts,
  extra: Readonly<Record<string, string>> = {},
): string {
  const settings = { ...listening(ports), ...SETTINGS, ...extra }
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  return [
    '# Written at every start by the local stack: changes made here are lost.',
    ...lines,
    '',
  ].join('\n')
}

/** Text of log.conf: errors and what the server says about itself; not every request. */
export function logConf(): string {
  return [
    'writers=stdout',
    'w.stdout.class=io.questdb.log.LogConsoleWriter',
    'w.stdout.level=ERROR,CRITICAL,ADVISORY',
    '',
  ].join('\n')
}

/** Settings by which a server asks for a login, if there is one; its health needs none. */
export function loginSettings(login: Login | undefined): Record<string, string> {
  if (!login) return {}
  const { user, password } = login
  return {
    'http.user': user,
    'http.password': password,
    'pg.user': user,
    'pg.password': password,
  }
}

function listening(ports: QuestDbPorts): Record<string, string> {
  return {
    'http.bind.to': `127.0.0.1:${ports.port}`,
    'http.min.net.bind.to': `127.0.0.1:${ports.healthPort}`,
    'pg.net.bind.to': `127.0.0.1:${ports.pgPort}`,
  }
}

const SETTINGS: Readonly<Record<string, string>> = {
  'config.validation.strict': 'true',
  // Rows arrive over HTTP only: the TCP protocol cannot say that it refused something.
  'line.tcp.enabled': 'false',
  'line.auto.create.new.tables': 'false',
  'line.auto.create.new.columns': 'false',
  'metrics.enabled': 'true',
  'telemetry.enabled': 'false',
  'http.health.check.authentication.required': 'false',
  // One thread of its own, so that health is answered under load on small machines.
  'http.min.worker.count': '1',
  // Out-of-order writes take two of these per column; the default of 8M is meant for big machines.
  'cairo.o3.column.memory.size': '1M',
  // Preallocated per column and partition; the default of 16M makes small tables weigh 128 MiB.
  'cairo.writer.data.append.page.size': '1M',
  'cairo.wal.segment.rollover.row.count': '1000000',
  // Idle threads look for work 7,000 times before they rest: time that whoever sends rows could use.
  'shared.worker.nap.threshold': '200',
  'wal.apply.worker.nap.threshold': '200',
  // Lets wal_transactions() tell rows and bounds of each commit.
  'cairo.default.sequencer.part.txn.count': '5000',
  'query.timeout': '5m',
}
