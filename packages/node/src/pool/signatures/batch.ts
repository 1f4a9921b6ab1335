import { SIGNATURE_SCHEMES, type SignatureCheck } from '@tacit/crypto'

/** What a thread is asked: checks in one buffer, which is handed over and not copied. */
export type Question = { readonly id: number; readonly batch: ArrayBuffer }

/** What it answers: a byte for each check, 1 for a signature that counts. */
export type Answer = { readonly id: number; readonly answers: Uint8Array }

/** Scheme, and the lengths of key, message and signature, 32 bits little-endian each. */
const HEADER_BYTES = 16

/** Bytes that a check takes in a batch. */
export function sizeOf({ publicKey, message, signature }: SignatureCheck): number {
  return HEADER_BYTES + publicKey.length + message.length + signature.length
}

/** Writes checks into one buffer; only the two functions of this file know how. */
export function packChecks(checks: readonly SignatureCheck[]): ArrayBuffer {
  const bytes = new Uint8Array(checks.reduce((sum, check) => sum + sizeOf(check), 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { scheme, publicKey, message, signature } of checks) {
    view.setUint32(at, SIGNATURE_SCHEMES.indexOf(scheme), true)
    for (const [place, part] of [publicKey, message, signature].entries())
      view.setUint32(at + 4 + 4 * place, part.length, true)
    at += HEADER_BYTES
    for (const part of [publicKey, message, signature]) {
      bytes.set(part, at)
      at += part.length
    }
  }
  return bytes.buffer
}

/** Reads what packChecks wrote, in place. */
export function unpackChecks(batch: ArrayBuffer): SignatureCheck[] {
  const view = new DataView(batch)
  const checks: SignatureCheck[] = []
  let at = 0
  const take = (length: number): Uint8Array => {
    const part = new Uint8Array(batch, at, length)
    at += length
    return part
  }
  while (at < batch.byteLength) {
    const scheme = SIGNATURE_SCHEMES[view.getUint32(at, true)] ?? 'sr25519'
    const key = view.getUint32(at + 4, true)
    const text = view.getUint32(at + 8, true)
    const proof = view.getUint32(at + 12, true)
    at += HEADER_BYTES
    checks.push({ scheme, publicKey: take(key), message: take(text), signature: take(proof) })
  }
  return checks
}
