import { secp256k1 } from '@noble/curves/secp256k1.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, utf8 } from '@tacit/base'
import { keypairFromSeed } from '../keypair.ts'
import { be32, fromBe } from './bytes.ts'
import type { Case } from './cases.ts'

const { Point } = secp256k1
const { Fn, Fp } = Point
type SecpPoint = InstanceType<typeof Point>

export function goodEcdsa(): Case['check'] {
  const pair = keypairFromSeed('ecdsa', new Uint8Array(32).fill(7))
  const message = utf8('ecdsa message')
  return { scheme: 'ecdsa', publicKey: pair.publicKey, message, signature: pair.sign(message) }
}

function hashOf(message: Uint8Array): bigint {
  return fromBe(blake2b(message, { dkLen: 32 }))
}

function signatureOf(r: bigint, s: bigint, v: number): Uint8Array {
  return concatBytes(be32(r), be32(s), Uint8Array.of(v))
}

function formCases(): Case[] {
  const good = goodEcdsa()
  const { publicKey, signature } = good
  const r = fromBe(signature.subarray(0, 32))
  const s = fromBe(signature.subarray(32, 64))
  const v = signature[64] ?? 0
  const order = Fn.ORDER
  const half = order / 2n
  const signed = (one: bigint, two: bigint, three: number): Case['check'] => ({
    ...good,
    signature: signatureOf(one, two, three),
  })
  const named = (key: Uint8Array): Case['check'] => ({ ...good, publicKey: key })
  const uncompressed = Point.fromBytes(publicKey).toBytes(false)
  return [
    { name: 'compressed key', check: good, expected: 'valid' },
    { name: 'account', check: named(blake2b(publicKey, { dkLen: 32 })), expected: 'valid' },
    { name: 'x alone', check: named(publicKey.subarray(1)), expected: 'equation' },
    { name: 'uncompressed key', check: named(uncompressed), expected: 'form' },
    { name: 'key begins with 4', check: named(withFirst(publicKey, 4)), expected: 'form' },
    {
      name: 'other y',
      check: named(withFirst(publicKey, 5 - (publicKey[0] ?? 0))),
      expected: 'equation',
    },
    { name: 'n - s, other v', check: signed(r, order - s, 1 - v), expected: 'form' },
    { name: 'other v', check: signed(r, s, 1 - v), expected: 'equation' },
    { name: 'v + 2, r + n beyond p', check: signed(r, s, v + 2), expected: 'equation' },
    { name: 'v = 4', check: signed(r, s, 4), expected: 'form' },
    { name: 'v + 27', check: signed(r, s, v + 27), expected: 'form' },
    { name: 'r = 0', check: signed(0n, s, v), expected: 'form' },
    { name: 'r = n', check: signed(order, s, v), expected: 'form' },
    { name: 's = 0', check: signed(r, 0n, v), expected: 'form' },
    { name: 's = n', check: signed(r, order, v), expected: 'form' },
    { name: 's = floor(n / 2)', check: signed(r, half, v), expected: 'equation' },
    { name: 's = floor(n / 2) + 1', check: signed(r, half + 1n, v), expected: 'form' },
  ]
}

function withFirst(key: Uint8Array, first: number): Uint8Array {
  return concatBytes(Uint8Array.of(first), key.subarray(1))
}

/** A point whose x is above n, so that r = x - n and v has its second bit. */
function pointBeyondOrder(): SecpPoint {
  for (let x = Fn.ORDER + 1n; ; x++) {
    try {
      return Point.fromBytes(concatBytes(Uint8Array.of(2), be32(x)))
    } catch {
      // x is on no point.
    }
  }
}

/** Signatures made backwards: from R, s and the message to the key that they are valid under. */
function recoveredCases(): Case[] {
  const message = utf8('recovered')
  const e = hashOf(message)
  const high = pointBeyondOrder()
  const r = high.x - Fn.ORDER
  const s = 0x1234_5678n
  const key = high
    .multiplyUnsafe(Fn.div(s, r))
    .add(Point.BASE.multiplyUnsafe(Fn.create(Fn.neg(Fn.div(e % Fn.ORDER, r)))))
  const publicKey = key.toBytes(true)
  const signed = (v: number): Case['check'] => ({
    scheme: 'ecdsa',
    publicKey,
    message,
    signature: signatureOf(r, s, v),
  })
  return [
    { name: 'x of R beyond n, v = 2', check: signed(2), expected: 'valid' },
    { name: 'x of R beyond n, v = 3', check: signed(3), expected: 'equation' },
    { name: 'x of R beyond n, v = 0', check: signed(0), expected: 'equation' },
    zeroKeyCase(),
    notOnCurveCase(),
  ]
}

/** s R = e G: the recovered key would be zero. */
function zeroKeyCase(): Case {
  for (let at = 0; ; at++) {
    const message = utf8(`zero key ${at}`)
    const nonce = 99n
    const point = Point.BASE.multiply(nonce)
    const s = Fn.div(hashOf(message) % Fn.ORDER, nonce)
    if (s > Fn.ORDER / 2n) continue
    const signature = signatureOf(point.x % Fn.ORDER, s, Number(point.y & 1n))
    const { publicKey } = goodEcdsa()
    const check = { scheme: 'ecdsa', publicKey, message, signature } as const
    return { name: 'recovers to zero', check, expected: 'equation' }
  }
}

function notOnCurveCase(): Case {
  let r = 1n
  while (Fp.isValid(r) && isX(r)) r++
  const check = { ...goodEcdsa(), signature: signatureOf(r, 5n, 0) }
  return { name: 'r is on no point', check, expected: 'equation' }
}

function isX(x: bigint): boolean {
  try {
    Point.fromBytes(concatBytes(Uint8Array.of(2), be32(x)))
    return true
  } catch {
    return false
  }
}

export const ECDSA_CASES: readonly Case[] = [...formCases(), ...recoveredCases()]
