/** Frames of Binance for one symbol, numbered as the venue numbers them. */
export function binanceFrames(symbol: string, { futures = false, firstId = 1000 } = {}) {
  const name = symbol.toLowerCase()
  let trade = BigInt(firstId)
  let update = BigInt(firstId)
  let previous = update
  return {
    tradeStream: `${name}@trade`,
    bookStream: `${name}@depth@100ms`,
    bboStream: `${name}@bookTicker`,
    trade(): string {
      return `{"stream":"${name}@trade","data":{"e":"trade","E":1,"s":"${symbol}","t":${trade++},"p":"1.50","q":"2"}}`
    },
    change(): string {
      const first = update + 1n
      update += 3n
      const pu = futures ? `"pu":${previous},` : ''
      previous = update
      return `{"stream":"${name}@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"${symbol}","U":${first},"u":${update},${pu}"b":[["1.0","2"]],"a":[]}}`
    },
    bbo(): string {
      return `{"stream":"${name}@bookTicker","data":{"u":${update},"s":"${symbol}","b":"1","B":"2","a":"3","A":"4"}}`
    },
    lastUpdate: () => Number(update),
  }
}

/** Frames of Hyperliquid for one coin; the ids of its trades have no order. */
export function hyperliquidFrames(coin: string) {
  let time = 1_700_000_000_000
  const recent: object[] = []
  return {
    recent: () => recent.slice(-30),
    trade(): string {
      const tid = Number((BigInt(++time) * 7_919n) % 1_125_899_906_842_624n)
      const trade = { coin, side: 'B', px: '1.5', sz: '2', time, hash: '0x00', tid }
      recent.push(trade)
      return JSON.stringify({ channel: 'trades', data: [trade] })
    },
    book(fast = false): string {
      const levels = [[{ px: '1.0', sz: '2', n: 1 }], [{ px: '1.1', sz: '2', n: 1 }]]
      return JSON.stringify({
        channel: 'l2Book',
        data: { coin, time: ++time, levels, ...(fast && { fast }) },
      })
    },
  }
}
