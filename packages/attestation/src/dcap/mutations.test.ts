import { concatBytes, unwrap } from '@tacit/base'
import { parsePemCertificates } from '@tacit/crypto/x509'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, flipped, outcome, sgx, tdx } from '../testing/kit.ts'
import type { DcapCollateral } from './collateral.ts'
import type { DcapInput } from './verify.ts'

const base = tdx()
const honestVerdict = decide(base)
const FORM_OF_CERTIFICATE = ['certificate_malformed', 'pck_extension_malformed']

/** Parts of a TDX v4 quote with what a changed bit in any of their bytes must give. */
const LAYOUT: readonly [string, number, readonly string[]][] = [
  ['version', 2, ['quote_version_unsupported', 'quote_body_mismatch']],
  ['key type', 2, ['quote_key_type_unsupported']],
  ['TEE type', 4, ['quote_tee_unknown']],
  ['QE and PCE SVN', 4, ['quote_signature_invalid']],
  ['vendor', 16, ['quote_vendor_unknown']],
  ['user data', 20, ['quote_signature_invalid']],
  ['body', 584, ['quote_signature_invalid']],
  ['signature length', 4, ['quote_truncated', 'quote_length_mismatch']],
  ['signature', 64, ['quote_signature_invalid']],
  ['attestation key', 64, ['qe_report_data_mismatch']],
  ['outer type', 2, ['certification_data_unsupported']],
  ['outer length', 4, ['quote_length_mismatch']],
  ['QE report', 384, ['qe_report_signature_invalid']],
  ['QE report signature', 64, ['qe_report_signature_invalid']],
  ['authentication data length', 2, ['quote_length_mismatch']],
  ['authentication data', 32, ['qe_report_data_mismatch']],
  ['certification type', 2, ['certification_data_unsupported', 'pck_chain_missing']],
  ['certification length', 4, ['quote_length_mismatch']],
]
const CHAIN_AT = LAYOUT.reduce((sum, [, length]) => sum + length, 0)

describe('a changed byte of a quote', () => {
  let start = 0
  for (const [name, length, codes] of LAYOUT) {
    const from = start
    start += length
    test(`in its ${name}`, () => {
      for (let at = from; at < from + length; at++) {
        for (const bits of [0x01, 0x80]) {
          const code = outcome({ ...base, quote: flipped(base.quote, at, bits) })
          expect(codes, `at ${at}`).toContain(code)
        }
      }
    })
  }

  test('in its PCK chain is refused, or was white space', () => {
    for (let at = CHAIN_AT; at < base.quote.length; at += 3) {
      for (const bits of [0x01, 0x04]) {
        const decided = decide({ ...base, quote: flipped(base.quote, at, bits) })
        if (decided.ok) expect(decided).toEqual(honestVerdict)
      }
    }
  })
})

describe('a changed byte of a certificate', () => {
  const ders = unwrap(parsePemCertificates(base.quote.subarray(CHAIN_AT), 3))

  test('PCK', () => {
    expectEach([...FORM_OF_CERTIFICATE, 'pck_signature_invalid'], ders[0], (der) =>
      withChain([der, ders[1], ders[2]]),
    )
  })

  test('PCK CA', () => {
    expectEach([...FORM_OF_CERTIFICATE, 'pck_ca_signature_invalid'], ders[1], (der) =>
      withChain([ders[0], der, ders[2]]),
    )
  })

  test('root', () => {
    expectEach(['root_untrusted'], ders[2], (der) => withChain([ders[0], ders[1], der]))
  })

  test('TCB signing certificate', () => {
    const [signer, root] = unwrap(parsePemCertificates(base.collateral.tcbInfoIssuerChain, 2))
    for (const field of ['tcbInfoIssuerChain', 'qeIdentityIssuerChain'] as const) {
      const codes = ['certificate_malformed', 'tcb_signing_signature_invalid']
      expectEach(codes, signer, (der) => withCollateral(field, pem([der, root])))
    }
  })
})

describe('chains out of order', () => {
  const [pck, ca, root] = unwrap(parsePemCertificates(base.quote.subarray(CHAIN_AT), 3))

  test.each([
    ['the root is missing', [pck, ca], 'chain_length_wrong'],
    ['the root stands twice', [pck, ca, root, root], 'chain_length_wrong'],
    ['the intermediate stands twice', [pck, ca, ca, root], 'chain_length_wrong'],
    ['the leaf stands alone', [pck], 'chain_length_wrong'],
    ['leaf and intermediate are swapped', [ca, pck, root], 'pck_extension_malformed'],
    ['root and intermediate are swapped', [pck, root, ca], 'root_untrusted'],
    ['the root is its own intermediate', [pck, root, root], 'pck_signature_invalid'],
    ['the chain is reversed', [root, ca, pck], 'root_untrusted'],
    ['nine certificates', Array.from({ length: 9 }, () => pck), 'chain_malformed'],
    ['none', [], 'chain_malformed'],
  ] as const)('%s', (_, chain, code) => {
    expect(outcome(withChain(chain))).toBe(code)
  })
})

describe('a changed byte of collateral', () => {
  const CODES: readonly [keyof DcapCollateral, readonly string[]][] = [
    ['rootCaCrl', ['crl_malformed', 'root_crl_signature_invalid']],
    ['pckCrl', ['crl_malformed', 'pck_crl_signature_invalid']],
    [
      'tcbInfo',
      [
        'tcb_info_malformed',
        'tcb_info_signature_invalid',
        'tcb_info_version_unsupported',
        'tcb_info_type_unsupported',
      ],
    ],
    ['tcbInfoSignature', ['tcb_info_signature_invalid']],
    [
      'qeIdentity',
      ['qe_identity_malformed', 'qe_identity_signature_invalid', 'qe_identity_version_unsupported'],
    ],
    ['qeIdentitySignature', ['qe_identity_signature_invalid']],
  ]

  test.each(CODES)('%s', (field, codes) => {
    expectEach(codes, base.collateral[field], (bytes) => withCollateral(field, bytes))
  })

  test.each([
    ['tcbInfo', 'qeIdentity', 'tcb_info_malformed'],
    ['qeIdentity', 'tcbInfo', 'qe_identity_version_unsupported'],
    ['rootCaCrl', 'pckCrl', 'root_crl_signature_invalid'],
    ['pckCrl', 'rootCaCrl', 'pck_crl_signature_invalid'],
    ['tcbInfoSignature', 'qeIdentitySignature', 'tcb_info_signature_invalid'],
    ['pckCrlIssuerChain', 'tcbInfoIssuerChain', 'pck_ca_signature_invalid'],
  ] as const)('%s in place of %s', (field, from, code) => {
    const expected = code === 'pck_ca_signature_invalid' ? 'pck_crl_signature_invalid' : code
    expect(outcome(withCollateral(field, base.collateral[from]))).toBe(expected)
  })

  test('collateral of the other TEE is refused', () => {
    expect(outcome({ ...base, collateral: sgx().collateral })).toBe('tcb_info_tee_mismatch')
    expect(outcome({ ...sgx(), collateral: base.collateral })).toBe('tcb_info_tee_mismatch')
  })

  test('white space that Intel did not sign is refused', () => {
    const spaced = concatBytes(base.collateral.tcbInfo, Uint8Array.of(0x20))
    expect(outcome(withCollateral('tcbInfo', spaced))).toBe('tcb_info_signature_invalid')
  })
})

describe('lengths', () => {
  test('collateral cut off anywhere is refused, but for white space at its end', () => {
    for (const field of Object.keys(base.collateral) as (keyof DcapCollateral)[]) {
      const whole = base.collateral[field]
      const end = field.endsWith('Chain') ? whole.length - 1 : whole.length
      for (let length = 0; length < end; length += 5) {
        const decided = decide(withCollateral(field, whole.subarray(0, length)))
        expect(decided.ok, `${field} at ${length}`).toBe(false)
      }
      if (!field.endsWith('Chain')) {
        const cut = decide(withCollateral(field, whole.subarray(0, -1)))
        expect(cut.ok, field).toBe(false)
      }
    }
  })

  test('a view with an offset is read like its copy', () => {
    const shifted = concatBytes(new Uint8Array(13), base.quote).subarray(13)
    expect(decide({ ...base, quote: shifted })).toEqual(honestVerdict)
  })

  test('signatures of other lengths are refused', () => {
    for (const field of ['tcbInfoSignature', 'qeIdentitySignature'] as const) {
      for (const length of [0, 63, 65]) {
        const code = outcome(withCollateral(field, new Uint8Array(length)))
        expect(code).toBe('collateral_signature_malformed')
      }
    }
  })
})

test('random bytes and random edits give codes, never exceptions', () => {
  const edit = fc.record({ at: fc.nat(), byte: fc.nat(255), remove: fc.nat(3) })
  const parts = ['quote', ...Object.keys(base.collateral)] as const
  const property = fc.property(
    fc.constantFrom(...parts),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
    fc.uint8Array({ maxLength: 8 }),
    (part, edits, inserted) => {
      const field = part as keyof DcapCollateral
      let bytes = part === 'quote' ? base.quote : base.collateral[field]
      for (const { at, byte, remove } of edits) {
        const start = at % bytes.length
        const end = bytes.subarray(start + remove)
        bytes = concatBytes(bytes.subarray(0, start), Uint8Array.of(byte), inserted, end)
      }
      const input = part === 'quote' ? { ...base, quote: bytes } : withCollateral(field, bytes)
      const decided = decide(input)
      if (decided.ok) expect(decided).toEqual(honestVerdict)
    },
  )
  fc.assert(property, { numRuns: 400 })
})

function expectEach(
  codes: readonly string[],
  bytes: Uint8Array | undefined,
  toInput: (mutant: Uint8Array) => DcapInput,
): void {
  const whole = bytes ?? new Uint8Array()
  expect(whole.length).toBeGreaterThan(0)
  for (let at = 0; at < whole.length; at++) {
    const code = outcome(toInput(flipped(whole, at, 1 << (at % 8))))
    expect(codes, `at ${at}`).toContain(code)
  }
}

function withCollateral(field: keyof DcapCollateral, bytes: Uint8Array): DcapInput {
  return { ...base, collateral: { ...base.collateral, [field]: bytes } }
}

/** The quote with another PCK chain; the lengths around it are right. */
function withChain(ders: readonly (Uint8Array | undefined)[]): DcapInput {
  const chain = pem(ders)
  const quote = concatBytes(base.quote.subarray(0, CHAIN_AT), chain)
  const view = new DataView(quote.buffer)
  view.setUint32(632, quote.length - 636, true)
  view.setUint32(766, quote.length - 770, true)
  view.setUint32(CHAIN_AT - 4, chain.length, true)
  return { ...base, quote }
}

function pem(ders: readonly (Uint8Array | undefined)[]): Uint8Array {
  const blocks = ders.map((der) => {
    const base64 = Buffer.from(der ?? []).toString('base64')
    return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
  })
  return new TextEncoder().encode(blocks.join(''))
}
