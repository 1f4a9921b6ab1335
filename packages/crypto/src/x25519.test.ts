import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { hex } from './testing/bytes.ts'
import { x25519, x25519PublicKey } from './x25519.ts'

describe('X25519', () => {
  /** RFC 7748, sections 5.2 and 6.1. */
  test.each([
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    ],
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    ],
    [
      '77076d0a7318a57d3c16c17251b26645df4c6d9a8e0a8d3a5c0d6b1d0a1b2c2a',
      'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
      undefined,
    ],
  ])('vector %#', (scalar, point, shared) => {
    const result = x25519(hex(scalar), hex(point))
    expect(result.ok).toBe(true)
    if (result.ok && shared) expect(bytesToHex(result.value)).toBe(shared)
  })
  test('both sides reach the same secret', () => {
    const one = new Uint8Array(32).fill(1)
    const other = new Uint8Array(32).fill(2)
    const shared = x25519(one, x25519PublicKey(other))
    expect(shared.ok).toBe(true)
    expect(x25519(other, x25519PublicKey(one))).toEqual(shared)
  })
  /** Points whose secret is zero for every key: RFC 7748 section 7; list of cr.yp.to/ecdh.html. */
  test.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('small order %s', (point) => {
    expect(x25519(new Uint8Array(32).fill(7), hex(point))).toEqual(INVALID)
  })
  test.each([0, 31, 33])('a key of %i bytes', (length) => {
    const bytes = new Uint8Array(length).fill(9)
    expect(x25519(new Uint8Array(32).fill(7), bytes)).toEqual(INVALID)
    expect(x25519(bytes, x25519PublicKey(new Uint8Array(32).fill(7)))).toEqual(INVALID)
  })
})

const INVALID = { ok: false, error: { code: 'x25519_key_invalid' } }
