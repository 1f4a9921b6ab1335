import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8 } from '@tacit/base'
import { be32, fromBe, hex } from './bytes.ts'
import type { Case } from './cases.ts'

const { Point } = p256
const { Fn, Fp } = Point
type P256Point = InstanceType<typeof Point>

/** RFC 6979, appendix A.2.5: P-256, SHA-256, message "sample". */
export function goodP256(): Case['check'] {
  return {
    scheme: 'p256',
    publicKey: hex(
      `60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
       7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299`,
    ),
    message: utf8('sample'),
    signature: hex(
      `efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
       f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8`,
    ),
  }
}

function hashOf(message: Uint8Array): bigint {
  return fromBe(sha256(message)) % Fn.ORDER
}

function check(key: P256Point, message: Uint8Array, r: bigint, s: bigint): Case['check'] {
  const publicKey = key.toBytes(false).subarray(1)
  return { scheme: 'p256', publicKey, message, signature: concatBytes(be32(r), be32(s)) }
}

function rangeCases(): Case[] {
  const good = goodP256()
  const r = fromBe(good.signature.subarray(0, 32))
  const s = fromBe(good.signature.subarray(32))
  const order = Fn.ORDER
  const signed = (one: bigint, two: bigint): Case['check'] => ({
    ...good,
    signature: concatBytes(be32(one), be32(two)),
  })
  return [
    { name: 'RFC 6979 A.2.5', check: good, expected: 'valid' },
    { name: 'n - s', check: signed(r, order - s), expected: 'valid' },
    { name: 'n - r', check: signed(order - r, s), expected: 'equation' },
    { name: 'r = 0', check: signed(0n, s), expected: 'form' },
    { name: 's = 0', check: signed(r, 0n), expected: 'form' },
    { name: 'r = n', check: signed(order, s), expected: 'form' },
    { name: 's = n', check: signed(r, order), expected: 'form' },
    { name: 'r = 2^256 - 1', check: signed(2n ** 256n - 1n, s), expected: 'form' },
    { name: 'r = s = 1', check: signed(1n, 1n), expected: 'equation' },
    { name: 'r = s = n - 1', check: signed(order - 1n, order - 1n), expected: 'equation' },
    { name: 'other message', check: { ...good, message: utf8('test') }, expected: 'equation' },
  ]
}

function keyCases(): Case[] {
  const good = goodP256()
  const x = fromBe(good.publicKey.subarray(0, 32))
  const y = fromBe(good.publicKey.subarray(32))
  const keyed = (one: bigint, two: bigint): Case['check'] => ({
    ...good,
    publicKey: concatBytes(be32(one), be32(two)),
  })
  const small = pointFrom(5n)
  return [
    { name: 'negated key', check: keyed(x, Fp.ORDER - y), expected: 'equation' },
    { name: 'key off the curve', check: keyed(x, y ^ 1n), expected: 'form' },
    { name: 'key (0, 0)', check: keyed(0n, 0n), expected: 'form' },
    { name: 'key on the twist (x, x)', check: keyed(x, x), expected: 'form' },
    { name: 'key of small x', check: keyed(small.x, small.y), expected: 'equation' },
    { name: 'key of y = 5', check: keyed(X_OF_5, 5n), expected: 'equation' },
    { name: 'y + p', check: keyed(X_OF_5, 5n + Fp.ORDER), expected: 'form' },
    { name: 'x + p', check: keyed(small.x + Fp.ORDER, small.y), expected: 'form' },
  ]
}

/** x of a point with y = 5: a root of x^3 - 3x + b - 25. */
const X_OF_5 = 0xd7325d76_46cd60d8_0a92738c_eb345f84_4cffaf35_841022ca_b176f692_de8de1d7n

/** The first point with x at least this. */
function pointFrom(from: bigint): P256Point {
  for (let x = from; ; x++) {
    try {
      return Point.fromBytes(concatBytes(Uint8Array.of(2), be32(x)))
    } catch {
      // x is on no point.
    }
  }
}

/** Signatures made backwards: the key is chosen last. */
function chosenKeyCases(): Case[] {
  const message = utf8('chosen key')
  const e = hashOf(message)
  const high = pointFrom(Fn.ORDER + 1n)
  const r = high.x - Fn.ORDER
  const s = 0x1234_5678n
  const key = high.multiplyUnsafe(Fn.div(s, r)).add(Point.BASE.multiplyUnsafe(Fn.neg(Fn.div(e, r))))
  const nonce = 4242n
  const ofNonce = Point.BASE.multiply(nonce).x % Fn.ORDER
  const doubled = Point.BASE.multiply(Fn.div(e, ofNonce))
  const secret = 99n
  const cancelling = Fn.neg(Fn.div(e, secret))
  return [
    { name: 'x of R beyond n', check: check(key, message, r, s), expected: 'valid' },
    {
      name: 'e G equals r Q, a doubling',
      check: check(doubled, message, ofNonce, Fn.div(2n * e, nonce)),
      expected: 'valid',
    },
    {
      name: 'e G + r Q = 0',
      check: check(Point.BASE.multiply(secret), message, cancelling, s),
      expected: 'equation',
    },
  ]
}

export const P256_CASES: readonly Case[] = [...rangeCases(), ...keyCases(), ...chosenKeyCases()]
