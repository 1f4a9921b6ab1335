import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8 } from '@tacit/base'
import { fromLe, hex, le32 } from './bytes.ts'
import type { Case } from './cases.ts'

const { Point } = ed25519
type EdwardsPoint = InstanceType<typeof Point>
const ORDER = Point.Fn.ORDER
const PRIME = 2n ** 255n - 19n
const TOP = 2n ** 255n

/** A generator of the eight points of small order. */
const TORSION = Point.fromBytes(
  hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
)
const SECRET = 0x1357_9bdf_0246_8aceen
const NONCE = 0xfedc_ba98_7654_3210n

const torsion = (times: number): EdwardsPoint =>
  times % 8 === 0 ? Point.ZERO : TORSION.multiplyUnsafe(BigInt(times % 8))

/** RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc). */
const RFC_8032: readonly (readonly [name: string, key: string, message: string, sig: string])[] = [
  [
    'RFC 8032 TEST 1',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    'RFC 8032 TEST 2',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'RFC 8032 TEST 3',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
  [
    'RFC 8032 TEST SHA(abc)',
    'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  ],
]

/**
 * Signs so that the cofactored equation holds for whatever torsion key and nonce point carry; the
 * message is searched until the challenge is k mod 8. Without cofactor the equation holds where
 * nonceTorsion + k * keyTorsion is a multiple of 8.
 */
function signMixed(keyTorsion: number, nonceTorsion: number, k: number): Case['check'] {
  const publicKey = Point.BASE.multiply(SECRET).add(torsion(keyTorsion)).toBytes()
  const encodedR = Point.BASE.multiply(NONCE).add(torsion(nonceTorsion)).toBytes()
  return search(publicKey, encodedR, k, (challenge) => NONCE + challenge * SECRET)
}

/** A message whose challenge is k mod 8, and S for it. */
function search(
  publicKey: Uint8Array,
  encodedR: Uint8Array,
  k: number,
  scalarFor: (challenge: bigint) => bigint,
): Case['check'] {
  for (let at = 0; ; at++) {
    const message = utf8(`mixed order ${at}`)
    const challenge = fromLe(sha512(concatBytes(encodedR, publicKey, message))) % ORDER
    if (Number(challenge % 8n) !== k) continue
    const signature = concatBytes(encodedR, le32(scalarFor(challenge) % ORDER))
    return { scheme: 'ed25519', publicKey, message, signature }
  }
}

/** Every encoding that a lenient decoder reads as a point of small order: 14 of them. */
export function smallOrderEncodings(): Uint8Array[] {
  const encodings = new Map<bigint, Uint8Array>()
  for (let times = 0; times < 8; times++) {
    const canonical = fromLe(torsion(times).toBytes())
    const sign = canonical & TOP
    const y = canonical - sign
    const isZeroX = times % 4 === 0
    const signs = isZeroX ? [0n, TOP] : [sign]
    for (const one of signs) {
      for (const form of y + PRIME < TOP ? [y, y + PRIME] : [y])
        encodings.set(form + one, le32(form + one))
    }
  }
  return [...encodings.values()]
}

/** Encodings of y + p of points that are not of small order. */
export function nonCanonicalEncodings(): Uint8Array[] {
  const encodings: Uint8Array[] = []
  for (let y = 2n; y < 19n; y++) {
    const form = le32(y + PRIME)
    if (isPoint(form)) encodings.push(form)
  }
  return encodings
}

function isPoint(encoding: Uint8Array): boolean {
  try {
    Point.fromBytes(encoding, true)
    return true
  } catch {
    return false
  }
}

function smallOrderCases(): Case[] {
  return smallOrderEncodings().flatMap((encoding, at): Case[] => {
    const goodR = Point.BASE.multiply(NONCE).toBytes()
    const goodA = Point.BASE.multiply(SECRET).toBytes()
    const asKey = search(encoding, goodR, 0, () => NONCE)
    const asNonce = search(goodA, encoding, 0, (challenge) => challenge * SECRET)
    return [
      { name: `small order, encoding ${at}, as A`, check: asKey, expected: 'form' },
      { name: `small order, encoding ${at}, as R`, check: asNonce, expected: 'form' },
    ]
  })
}

function nonCanonicalCases(): Case[] {
  const { publicKey, message, signature } = signMixed(0, 0, 0)
  return nonCanonicalEncodings().flatMap((encoding, at): Case[] => {
    const encodedR = concatBytes(encoding, signature.subarray(32))
    return [
      {
        name: `y + p, encoding ${at}, as A`,
        check: { scheme: 'ed25519', publicKey: encoding, message, signature },
        expected: 'form',
      },
      {
        name: `y + p, encoding ${at}, as R`,
        check: { scheme: 'ed25519', publicKey, message, signature: encodedR },
        expected: 'form',
      },
    ]
  })
}

function scalarCases(): Case[] {
  const good = signMixed(0, 0, 3)
  const s = fromLe(good.signature.subarray(32))
  const withS = (value: bigint): Case['check'] => ({
    ...good,
    signature: concatBytes(good.signature.subarray(0, 32), le32(value)),
  })
  return [
    { name: 'S', check: withS(s), expected: 'valid' },
    { name: 'S + L', check: withS(s + ORDER), expected: 'form' },
    { name: 'S + 8 L', check: withS(s + 8n * ORDER), expected: 'form' },
    { name: 'S = L', check: withS(ORDER), expected: 'form' },
    { name: 'S = L - 1', check: withS(ORDER - 1n), expected: 'equation' },
    { name: 'S = 0', check: withS(0n), expected: 'equation' },
    { name: 'S = 2^256 - 1', check: withS(2n ** 256n - 1n), expected: 'form' },
  ]
}

function offCurveCases(): Case[] {
  const good = signMixed(0, 0, 5)
  let y = 2n
  while (isPoint(le32(y))) y++
  const offCurve = le32(y)
  const signature = concatBytes(offCurve, good.signature.subarray(32))
  return [
    { name: 'A off the curve', check: { ...good, publicKey: offCurve }, expected: 'equation' },
    { name: 'R off the curve', check: { ...good, signature }, expected: 'equation' },
  ]
}

/** Torsion in A or R: the equation without cofactor decides, whatever a cofactored one says. */
const MIXED: readonly (readonly [key: number, nonce: number, k: number, Case['expected']])[] = [
  [1, 0, 0, 'valid'],
  [1, 0, 3, 'equation'],
  [0, 1, 2, 'equation'],
  [0, 4, 2, 'equation'],
  [1, 7, 1, 'valid'],
  [1, 1, 7, 'valid'],
  [1, 1, 1, 'equation'],
  [4, 4, 5, 'valid'],
  [4, 0, 5, 'equation'],
  [2, 0, 4, 'valid'],
]

export const ED25519_CASES: readonly Case[] = [
  ...RFC_8032.map(([name, key, message, signature]): Case => ({
    name,
    check: {
      scheme: 'ed25519',
      publicKey: hex(key),
      message: hex(message),
      signature: hex(signature),
    },
    expected: 'valid',
  })),
  ...scalarCases(),
  ...smallOrderCases(),
  ...nonCanonicalCases(),
  ...offCurveCases(),
  ...MIXED.map(([key, nonce, k, expected]): Case => ({
    name: `torsion ${key} in A, ${nonce} in R, challenge ${k} mod 8`,
    check: signMixed(key, nonce, k),
    expected,
  })),
]

/** A plain valid signature. */
export function goodEd25519(): Case['check'] {
  return signMixed(0, 0, 1)
}
