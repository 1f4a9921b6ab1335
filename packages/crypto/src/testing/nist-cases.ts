import { p256, p384 } from '@noble/curves/nist.js'
import { sha256, sha384 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8 } from '@tacit/base'
import { be, fromBe, hex } from './bytes.ts'
import type { Case } from './cases.ts'

type Point = InstanceType<typeof p256.Point>

interface Subject {
  readonly good: Case['check']
  readonly source: string
  readonly size: 32 | 48
  readonly Point: typeof p256.Point
  readonly hash: (message: Uint8Array) => Uint8Array
  /** x of a point with y = 5 on P-256 and y = 1 on P-384: a root of x^3 - 3x + b - y^2. */
  readonly smallY: { readonly x: bigint; readonly y: bigint }
}

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

/** RFC 6979, appendix A.2.6: P-384, SHA-384, message "sample". */
export function goodP384(): Case['check'] {
  return {
    scheme: 'p384',
    publicKey: hex(
      `ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13
       8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720`,
    ),
    message: utf8('sample'),
    signature: hex(
      `94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46
       99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8`,
    ),
  }
}

const ON_P256: Subject = {
  good: goodP256(),
  source: 'RFC 6979 A.2.5',
  size: 32,
  Point: p256.Point,
  hash: sha256,
  smallY: { x: 0xd7325d76_46cd60d8_0a92738c_eb345f84_4cffaf35_841022ca_b176f692_de8de1d7n, y: 5n },
}

const ON_P384: Subject = {
  good: goodP384(),
  source: 'RFC 6979 A.2.6',
  size: 48,
  Point: p384.Point,
  hash: sha384,
  smallY: {
    x: 0x2261b2bf_605c22f2_f3aef633_8719b2c4_86388ad5_240719a5_25731596_9ef01ba2_7f0a104c_89704773_a81fdabe_e6ab5c78n,
    y: 1n,
  },
}

function pair({ size }: Subject, one: bigint, two: bigint): Uint8Array {
  return concatBytes(be(size, one), be(size, two))
}

function rangeCases(on: Subject): Case[] {
  const { good, size, Point } = on
  const r = fromBe(good.signature.subarray(0, size))
  const s = fromBe(good.signature.subarray(size))
  const order = Point.Fn.ORDER
  const signed = (one: bigint, two: bigint): Case['check'] => ({
    ...good,
    signature: pair(on, one, two),
  })
  return [
    { name: on.source, check: good, expected: 'valid' },
    { name: 'n - s', check: signed(r, order - s), expected: 'valid' },
    { name: 'n - r', check: signed(order - r, s), expected: 'equation' },
    { name: 'r = 0', check: signed(0n, s), expected: 'form' },
    { name: 's = 0', check: signed(r, 0n), expected: 'form' },
    { name: 'r = n', check: signed(order, s), expected: 'form' },
    { name: 's = n', check: signed(r, order), expected: 'form' },
    { name: 'r of ones', check: signed(256n ** BigInt(size) - 1n, s), expected: 'form' },
    { name: 'r = s = 1', check: signed(1n, 1n), expected: 'equation' },
    { name: 'r = s = n - 1', check: signed(order - 1n, order - 1n), expected: 'equation' },
    { name: 'other message', check: { ...good, message: utf8('test') }, expected: 'equation' },
  ]
}

function keyCases(on: Subject): Case[] {
  const { good, size, Point, smallY } = on
  const { ORDER: prime } = Point.Fp
  const x = fromBe(good.publicKey.subarray(0, size))
  const y = fromBe(good.publicKey.subarray(size))
  const keyed = (one: bigint, two: bigint): Case['check'] => ({
    ...good,
    publicKey: pair(on, one, two),
  })
  const small = pointFrom(on, 5n)
  return [
    { name: 'negated key', check: keyed(x, prime - y), expected: 'equation' },
    { name: 'key off the curve', check: keyed(x, y ^ 1n), expected: 'form' },
    { name: 'key (0, 0)', check: keyed(0n, 0n), expected: 'form' },
    { name: 'key on the twist (x, x)', check: keyed(x, x), expected: 'form' },
    { name: 'key of small x', check: keyed(small.x, small.y), expected: 'equation' },
    { name: 'key of small y', check: keyed(smallY.x, smallY.y), expected: 'equation' },
    { name: 'y + p', check: keyed(smallY.x, smallY.y + prime), expected: 'form' },
    { name: 'x + p', check: keyed(small.x + prime, small.y), expected: 'form' },
  ]
}

/** The first point with x at least this. */
function pointFrom({ Point, size }: Subject, from: bigint): Point {
  for (let x = from; ; x++) {
    try {
      return Point.fromBytes(concatBytes(Uint8Array.of(2), be(size, x)))
    } catch {
      // x is on no point.
    }
  }
}

/** Signatures made backwards: the key is chosen last. */
function chosenKeyCases(on: Subject): Case[] {
  const { scheme } = on.good
  const { BASE, Fn } = on.Point
  const message = utf8('chosen key')
  const e = fromBe(on.hash(message)) % Fn.ORDER
  const check = (key: Point, r: bigint, s: bigint): Case['check'] => {
    const publicKey = key.toBytes(false).subarray(1)
    return { scheme, publicKey, message, signature: pair(on, r, s) }
  }
  const high = pointFrom(on, Fn.ORDER + 1n)
  const r = high.x - Fn.ORDER
  const s = 0x1234_5678n
  const key = high.multiplyUnsafe(Fn.div(s, r)).add(BASE.multiplyUnsafe(Fn.neg(Fn.div(e, r))))
  const nonce = 4242n
  const ofNonce = BASE.multiply(nonce).x % Fn.ORDER
  const doubled = BASE.multiply(Fn.div(e, ofNonce))
  const secret = 99n
  const cancelling = Fn.neg(Fn.div(e, secret))
  return [
    { name: 'x of R beyond n', check: check(key, r, s), expected: 'valid' },
    {
      name: 'e G equals r Q, a doubling',
      check: check(doubled, ofNonce, Fn.div(2n * e, nonce)),
      expected: 'valid',
    },
    {
      name: 'e G + r Q = 0',
      check: check(BASE.multiply(secret), cancelling, s),
      expected: 'equation',
    },
  ]
}

function casesOn(on: Subject): readonly Case[] {
  return [...rangeCases(on), ...keyCases(on), ...chosenKeyCases(on)]
}

export const P256_CASES: readonly Case[] = casesOn(ON_P256)
export const P384_CASES: readonly Case[] = casesOn(ON_P384)
