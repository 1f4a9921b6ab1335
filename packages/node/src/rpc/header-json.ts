import { toHex } from './hex.ts'
import { encode } from '@tacit/base'
import { digestItem, type Header } from '@tacit/light'

const shown = new WeakMap<Header, unknown>()

/** A header as the legacy methods show it: the same object for all who subscribed to it. */
export function headerToJson(header: Header): unknown {
  const json = shown.get(header) ?? toJson(header)
  shown.set(header, json)
  return json
}

function toJson(header: Header): unknown {
  return {
    parentHash: toHex(header.parentHash),
    number: `0x${header.number.toString(16)}`,
    stateRoot: toHex(header.stateRoot),
    extrinsicsRoot: toHex(header.extrinsicsRoot),
    digest: { logs: header.digest.logs.map((log) => toHex(encode(digestItem, log))) },
  }
}
