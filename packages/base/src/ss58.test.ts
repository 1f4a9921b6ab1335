import { describe, expect, it } from 'vitest'
import { parseHex } from './bytes.ts'
import { unwrap } from './result.ts'
import { accountIdToAddress, parseAddress } from './ss58.ts'

/** Alice of the development phrase; addresses as in Substrate's subkey documentation. */
const ALICE = unwrap(parseHex('d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'))
const ALICE_42 = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const ALICE_0 = '15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5'

describe('SS58', () => {
  it('writes the addresses that everybody knows', () => {
    expect(accountIdToAddress(ALICE, 42)).toBe(ALICE_42)
    expect(accountIdToAddress(ALICE, 0)).toBe(ALICE_0)
  })

  it.each([0, 30, 42, 63, 64, 255, 2_007, 16_383])('round-trips prefix %i', (prefix) => {
    expect(parseAddress(accountIdToAddress(ALICE, prefix), prefix)).toEqual({
      ok: true,
      value: ALICE,
    })
  })

  it("names another network's prefix", () => {
    expect(parseAddress(ALICE_42)).toEqual({
      ok: false,
      error: { code: 'address_prefix', prefix: 42 },
    })
  })

  it('sees a changed letter', () => {
    expect(parseAddress(ALICE_42.replace('5Grw', '5Grx'), 42)).toEqual({
      ok: false,
      error: { code: 'address_checksum' },
    })
  })

  it.each(['', '0', 'not base 58 at all', ALICE_42.slice(2), `${ALICE_42}11`, '1'.repeat(100_000)])(
    'refuses %.20s',
    (text) => {
      expect(parseAddress(text, 42)).toEqual({ ok: false, error: { code: 'address_malformed' } })
    },
  )
})
