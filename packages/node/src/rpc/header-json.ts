import { toHex } from './hex.ts'
import { encode } from '@tacit/base'
import { digestItem, type Header } from '@tacit/light'

/** A header as the legacy methods show it. */
export function headerToJson(header: Header): unknown {
  return {
    parentHash: toHex(header.parentHash),
    number: `0x${header.number.toString(16)}`,
    stateRoot: toHex(header.stateRoot),
    extrinsicsRoot: toHex(header.extrinsicsRoot),
    digest: { logs: header.digest.logs.map((log) => toHex(encode(digestItem, log))) },
  }
}
