/** A connection of `POST /feeds`. */
export interface CollectedConnection {
  readonly id: string
  readonly feeds: readonly { readonly symbol: string; readonly channels: readonly string[] }[]
  readonly started: boolean
}

/** A connection of `GET /feeds`. */
export interface Connection extends Omit<CollectedConnection, 'started'> {
  readonly state: string
  readonly reason?: string
  readonly host: string | null
  readonly durable: string | null
  readonly messages: number
  readonly openHoles: number
  readonly withoutData: readonly string[]
}

/** A hole of `GET /holes`. */
export interface Hole {
  readonly from: string
  readonly until: string | null
  readonly exchange: string
  readonly market: string
  readonly symbol: string
  readonly channel: string
  readonly host: string
  readonly cause: string
  readonly state: string
  readonly evidence: string | null
}
