import { concatBytes } from '@tacit/base'
import { hex } from './kit.ts'

export const VCEK = '63da758de6644564adc5f4b93be8accd'
export const VLEK = 'a8074bc2a25a483eaae639c045a0b8a1'
export const ASK = '4ab7b379bbac4fe4a02f05aef327c782'
export const ARK = 'c0b406a4a803495297433fb6014cd0ae'
export const CRL = '92f81bc358114d3d97ffd19f88dc67ea'

export type TableRow = readonly [id: string, content: Uint8Array]

/** Writes the table of an extended guest request: entries, one of zeros, contents in their order. */
export function writeCertificateTable(...rows: readonly TableRow[]): Uint8Array {
  let offset = 24 * (rows.length + 1)
  const entries = rows.map(([id, { length }]) => {
    const entry = concatBytes(hex(id), u32(offset), u32(length))
    offset += length
    return entry
  })
  return concatBytes(...entries, new Uint8Array(24), ...rows.map(([, content]) => content))
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24)
}
