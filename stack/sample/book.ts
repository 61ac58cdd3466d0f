import type { Market } from './market.ts'
import { noise, noiseBetween } from './noise.ts'

/** One level, in whole steps of price and size. */
export interface Level {
  readonly price: number
  readonly size: number
  readonly orders: number
}

/** Levels a side, as the venue publishes them. */
export const DEPTH = 20

// Part of the price steps that hold an order.
const OCCUPIED = 0.6
// Books after which a level's size has changed for sure.
const LEVEL_LIFE = 8

/**
 * The `index`-th book around a price, in price steps: a level stays where it is and keeps its size
 * for some books, as levels do.
 */
export function bookAround(market: Market, mid: number, index: number, seed: number) {
  const ask = mid + 1 + noiseBetween(0, 3, seed, index)
  return {
    bids: side(market, mid, -1, index, seed),
    asks: side(market, ask, 1, index, seed),
  }
}

function side(market: Market, best: number, step: 1 | -1, index: number, seed: number): Level[] {
  const levels = [level(market, best, index, seed)]
  for (let price = best + step; levels.length < DEPTH; price += step) {
    if (noise(seed, price, step) < OCCUPIED) levels.push(level(market, price, index, seed))
  }
  return levels
}

function level(market: Market, price: number, index: number, seed: number): Level {
  const age = Math.floor((index + noiseBetween(0, LEVEL_LIFE, seed, price)) / LEVEL_LIFE)
  const orders = noiseBetween(1, 6, seed, price, age)
  // Many small orders and few big ones.
  const size = market.typicalSize * orders * noise(seed, price, age, 1) ** 3
  const smallest = 10 ** -market.sizeDecimals
  return { price, size: Math.max(1, Math.round(size / smallest)), orders }
}
