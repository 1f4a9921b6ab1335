import {
  codec,
  u8,
  Writer,
  type AccountId,
  type Codec,
  type Reader,
  type TypeInfo,
} from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import {
  EXTENSIONS,
  extensionsCodec,
  implicitCodec,
  type Extensions,
  type Implicit,
} from './extensions.ts'
import type { CallDefinition } from './framework/calls.ts'
import { idAddress, multiAddress, type MultiAddress } from './framework/multi-address.ts'
import type { RuntimeCall } from './framework/runtime-call.ts'
import { MAX_BLOCK_BYTES } from './limits.ts'
import { multiSignature, type MultiSignature } from './protocol/signature.ts'

/** One extrinsic, read but not yet believed. */
export type Extrinsic = {
  /** Of the whole encoding, length prefix included: what fees and limits count. */
  readonly lengthBytes: number
  readonly call: RuntimeCall
  readonly callBytes: Uint8Array
  /** Absent in an unsigned extrinsic. */
  readonly signed?: Signed
}

export type Signed = {
  readonly address: MultiAddress
  readonly signature: MultiSignature
  readonly extensions: Extensions
}

const SIGNED_V4 = 0x84
const BARE_V4 = 0x04
const BARE_V5 = 0x05
/** Longer payloads are signed as their BLAKE2b-256 hash. */
const MAX_PLAIN_PAYLOAD = 256

/** The encoded call: pallet index, call index, arguments. */
export function encodeCall<A>(
  palletIndex: number,
  definition: CallDefinition<A>,
  args: A,
): Uint8Array {
  const out = new Writer()
  out.u8(palletIndex)
  out.u8(definition.index)
  definition.args.encode(args, out)
  return out.finish()
}

/** What the sender signs: call, extensions and implicit data, hashed if longer than 256 bytes. */
export function signingPayload(
  callBytes: Uint8Array,
  extensions: Extensions,
  implicit: Implicit,
  hashes: Pick<Hashes, 'blake2b256'>,
): Uint8Array {
  const out = new Writer()
  out.put(callBytes)
  extensionsCodec.encode(extensions, out)
  implicitCodec.encode(implicit, out)
  const payload = out.finish()
  return payload.length > MAX_PLAIN_PAYLOAD ? hashes.blake2b256(payload) : payload
}

/** A version 4 extrinsic with its length prefix. */
export function encodeSignedExtrinsic(parts: {
  readonly signer: AccountId
  readonly signature: MultiSignature
  readonly extensions: Extensions
  readonly callBytes: Uint8Array
}): Uint8Array {
  const { signature, extensions, callBytes } = parts
  return encodeBody(callBytes, { address: idAddress(parts.signer), signature, extensions })
}

/** An unsigned version 4 extrinsic with its length prefix: an inherent or a proved message. */
export function encodeBareExtrinsic(callBytes: Uint8Array): Uint8Array {
  return encodeBody(callBytes, undefined)
}

/** The signature check that an extrinsic asks for. */
export function signatureCheck(
  { signature }: Signed,
  signer: AccountId,
  message: Uint8Array,
): SignatureCheck {
  const scheme = SCHEMES[signature.type]
  return { scheme, publicKey: signer, message, signature: signature.value }
}

const SCHEMES = { Ed25519: 'ed25519', Sr25519: 'sr25519', Ecdsa: 'ecdsa' } as const

/** sp_runtime::generic::UncheckedExtrinsic with its length prefix, for a chain's calls. */
export function extrinsicCodec(call: Codec<RuntimeCall>): Codec<Extrinsic> {
  return codec<Extrinsic>(
    extrinsicType(call.type),
    ({ callBytes, signed }, out) => out.put(encodeBody(callBytes, signed)),
    (input) => {
      const begin = input.at
      const length = input.length(MAX_BLOCK_BYTES)
      const end = input.at + length
      const signed = readSigned(input)
      const callAt = input.at
      const decoded = call.decode(input)
      if (input.at !== end) input.fail('trailing_bytes')
      const callBytes = input.bytes.subarray(callAt, end)
      const extrinsic = { lengthBytes: end - begin, call: decoded, callBytes }
      return signed ? { ...extrinsic, signed } : extrinsic
    },
  )
}

function readSigned(input: Reader): Signed | undefined {
  const version = input.u8()
  if (version === BARE_V4 || version === BARE_V5) return undefined
  if (version !== SIGNED_V4) input.fail('variant_unknown')
  const address = multiAddress.decode(input)
  const signature = multiSignature.decode(input)
  return { address, signature, extensions: extensionsCodec.decode(input) }
}

function encodeBody(callBytes: Uint8Array, signed: Signed | undefined): Uint8Array {
  const body = new Writer()
  body.u8(signed ? SIGNED_V4 : BARE_V4)
  if (signed) {
    multiAddress.encode(signed.address, body)
    multiSignature.encode(signed.signature, body)
    extensionsCodec.encode(signed.extensions, body)
  }
  body.put(callBytes)
  const bytes = body.finish()
  const out = new Writer()
  out.compact(bytes.length)
  out.put(bytes)
  return out.finish()
}

/** Tools find address, call, signature and extensions in the type's parameters. */
function extrinsicType(call: TypeInfo): TypeInfo {
  const extra: TypeInfo = { kind: 'tuple', items: EXTENSIONS.map(({ type }) => type) }
  return {
    kind: 'composite',
    path: ['sp_runtime', 'generic', 'unchecked_extrinsic', 'UncheckedExtrinsic'],
    params: [
      { name: 'Address', type: multiAddress.type },
      { name: 'Call', type: call },
      { name: 'Signature', type: multiSignature.type },
      { name: 'Extra', type: extra },
    ],
    fields: [{ type: { kind: 'sequence', item: u8.type } }],
  }
}
