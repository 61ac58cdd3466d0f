/** Market of a coin of Hyperliquid, as its documentation tells them apart ("Asset IDs"). */
export function marketOf(coin: string): string {
  if (/^@|\//.test(coin)) return 'spot'
  return coin.startsWith('#') ? 'outcome' : 'perp'
}
