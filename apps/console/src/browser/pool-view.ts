import { toHex } from '@tacit/base'
import type { Cleared } from './cleared.ts'
import { byId } from './dom.ts'
import { groupDigits, shortAddress } from './format.ts'

/** Shows the newest batch of all that it is told of, in whatever order. */
export function createPoolView(): (height: number, cleared: Cleared) => void {
  let shown = -1
  return (height, { contract, price, volume }) => {
    if (height < shown) return
    shown = height
    byId('pool-price').textContent = groupDigits(BigInt(price))
    byId('pool-volume').textContent = groupDigits(BigInt(volume))
    const note = byId('pool-note')
    note.textContent =
      `Cleared in block ${groupDigits(height)} by contract ${shortAddress(contract)}. ` +
      'The orders stay sealed.'
    note.title = toHex(contract)
  }
}
