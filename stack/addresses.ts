/** Where everything is, for people and for programs. */
export interface Addresses {
  readonly api: string
  /** `host:port` */
  readonly temporal: string
  readonly temporalUi: string | null
  readonly questdb: string
  readonly s3: string
}

/** The addresses as a table for people. */
export function addressTable(addresses: Addresses, dataDir: string): string {
  const rows: readonly (readonly [string, string | null])[] = [
    ['API', addresses.api],
    ['API pages', `${addresses.api}/docs`],
    ['Temporal', addresses.temporal],
    ['Temporal Web UI', addresses.temporalUi],
    ['QuestDB console', addresses.questdb],
    ['S3', addresses.s3],
    ['Data and logs', dataDir],
  ]
  const known = rows.filter(([, at]) => at !== null)
  return known.map(([name, at]) => `  ${name.padEnd(17)}${at}`).join('\n')
}
