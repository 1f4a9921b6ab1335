import { concatBytes, equalBytes, unwrap } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { parsePemCertificates } from '@tacit/crypto/x509'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cpuMs } from '../testing/cpu-ms.ts'
import { flipped } from '../testing/kit.ts'
import { launched } from '../testing/nvidia-kit.ts'
import {
  assessDevice,
  assessNvidia,
  decideNvidia,
  parseNvidiaCollateral,
  type NvidiaInput,
} from './verify.ts'

const { device, input } = launched()
const base: NvidiaInput = { ...input, rims: device.rims(), ocsp: device.ocspAll({ delegate: {} }) }
const genuine = unwrap(assessNvidia(base)).checks

/** Takes what the platform signed for signed, and nothing else: P-384 would take minutes here. */
function verify(check: SignatureCheck): boolean {
  return genuine.some(
    ({ publicKey, message, signature }) =>
      equalBytes(signature, check.signature) &&
      equalBytes(publicKey, check.publicKey) &&
      equalBytes(message, check.message),
  )
}

const honest = decideNvidia(base, verify)

test('every signature that counts here does verify', () => {
  expect(genuine.filter((check) => !native.verify(check))).toEqual([])
})

function code(changed: NvidiaInput): string {
  const decided = decideNvidia(changed, verify)
  return decided.ok ? 'verified' : decided.error.code
}

const OPAQUE = 37 + 8 + 3520 + 32 + 2
/** Parts of a report with what a changed bit in any of their bytes must give. */
const LAYOUT: readonly (readonly [string, number, readonly string[]])[] = [
  ['request version', 1, ['report_version_unsupported']],
  ['request', 3, ['report_malformed']],
  ['nonce', 32, ['report_signature_invalid']],
  ['slot', 1, ['report_signature_invalid']],
  ['response version', 1, ['report_version_unsupported']],
  ['response code', 1, ['report_malformed']],
  ['response parameters', 2, ['report_signature_invalid']],
  ['number of blocks', 1, ['report_malformed']],
  ['record length', 3, ['report_malformed', 'report_truncated']],
  ['record', 3520, ['report_malformed', 'report_signature_invalid']],
  ['response nonce', 32, ['report_signature_invalid']],
  ['opaque length', 2, ['report_malformed', 'report_truncated']],
  [
    'opaque data',
    input.report.length - 96 - OPAQUE,
    ['report_malformed', 'report_signature_invalid'],
  ],
  ['signature', 96, ['report_signature_invalid']],
]

describe('a changed byte of a report', () => {
  let start = 0
  for (const [name, length, codes] of LAYOUT) {
    const from = start
    start += length
    test(`in its ${name}`, () => {
      for (let at = from; at < from + length; at++) {
        for (const bits of length > 1000 ? [0x10] : [0x01, 0x80]) {
          const changed = { ...input, report: flipped(input.report, at, bits) }
          expect(codes, `at ${at}`).toContain(code(changed))
        }
      }
    })
  }

  test('is found by P-384 as well', () => {
    for (let at = 4; at < input.report.length; at += 61) {
      const changed = { ...input, report: flipped(input.report, at) }
      const decided = decideNvidia(changed, (check) => native.verify(check))
      expect(decided, `at ${at}`).toMatchObject({ error: { code: code(changed) } })
    }
  })

  test('is in one of these parts', () => {
    expect(start).toBe(input.report.length)
  })
})

describe('a changed byte of a certificate', () => {
  const ders = unwrap(parsePemCertificates(input.chain, 5))

  test.each([
    ['attestation', 0, ['dice_extension_malformed']],
    ['device', 1, ['architecture_unknown']],
    ['provisioner_ca', 2, []],
    ['identity_ca', 3, []],
  ] as const)('%s', (role, index, others) => {
    const codes = ['certificate_malformed', `${role}_signature_invalid`, ...others]
    const der = ders[index] ?? new Uint8Array()
    for (let at = 0; at < der.length; at++) {
      const chain = pem(ders.map((other, place) => (place === index ? flipped(other, at) : other)))
      expect(codes, `at ${at}`).toContain(code({ ...input, chain }))
    }
  })

  test('root', () => {
    const root = ders[4] ?? new Uint8Array()
    for (let at = 0; at < root.length; at++) {
      const chain = pem([...ders.slice(0, 4), flipped(root, at)])
      expect(code({ ...input, chain }), `at ${at}`).toBe('root_untrusted')
    }
  })

  test('as text is refused, or was white space', () => {
    for (let at = 0; at < input.chain.length; at += 3) {
      const decided = decideNvidia({ ...input, chain: flipped(input.chain, at, 0x04) }, verify)
      if (decided.ok) expect(decided.value.opaque).toEqual(honest.ok && honest.value.opaque)
    }
  })
})

describe('a changed byte of collateral', () => {
  test('an OCSP response: refused, or no longer about the device', () => {
    const codes = [
      'ocsp_malformed',
      'ocsp_responder_untrusted',
      'ocsp_responder_signature_invalid',
      'ocsp_signature_invalid',
    ]
    const [response = new Uint8Array()] = device.ocspAll({ delegate: {} })
    for (let at = 0; at < response.length; at++) {
      const decided = decideNvidia({ ...input, ocsp: [flipped(response, at)] }, verify)
      if (decided.ok) expect(decided.value.revocation.unknown, `at ${at}`).toContain('device')
      else expect(codes, `at ${at}`).toContain(decided.error.code)
    }
  })

  test('a manifest: refused, or no longer about the device', () => {
    const [driver = new Uint8Array()] = device.rims()
    for (let at = 0; at < driver.length; at += 37) {
      const decided = decideNvidia({ ...input, rims: [flipped(driver, at)] }, verify)
      if (decided.ok) expect(decided.value.rims.driver.status, `at ${at}`).toBe('absent')
    }
  })
})

describe('lengths', () => {
  test('a report cut off anywhere is refused', () => {
    for (let length = 0; length < input.report.length; length++) {
      const report = input.report.subarray(0, length)
      expect(code({ ...input, report }), `at ${length}`).toBe('report_truncated')
    }
  })

  test('what follows the signature is neither hashed nor returned', () => {
    const report = concatBytes(base.report, new Uint8Array(64 * 1024 * 1024))
    expect(decideNvidia({ ...base, report }, verify)).toEqual(honest)
    expect(cpuMs(() => decideNvidia({ ...input, report }, verify))).toBeLessThan(50)
    if (!honest.ok) throw new Error(honest.error.code)
    const { nonce, fwid, measurements, opaque, pdi, ueid } = honest.value
    for (const bytes of [nonce, fwid, ...measurements, ...Object.values(opaque), pdi, ueid]) {
      expect(bytes?.buffer.byteLength).toBe(bytes?.length)
    }
  })

  test('views with an offset are read like their copies', () => {
    const shift = (bytes: Uint8Array) => concatBytes(new Uint8Array(13), bytes).subarray(13)
    const shifted = {
      ...base,
      report: shift(base.report),
      chain: shift(base.chain),
      ocsp: (base.ocsp ?? []).map(shift),
      rims: (base.rims ?? []).map(shift),
    }
    expect(decideNvidia(shifted, verify)).toEqual(honest)
  })

  test('oversized parts are refused in time', () => {
    const big = new Uint8Array(1 << 26).fill(0x20)
    const parts: readonly (readonly [Partial<NvidiaInput>, string])[] = [
      [{ report: big }, 'report_version_unsupported'],
      [{ chain: big }, 'chain_malformed'],
      [{ ocsp: [big] }, 'ocsp_malformed'],
      [{ rims: [big] }, 'rim_xml_malformed'],
    ]
    for (const [part, expected] of parts) {
      expect(code({ ...input, ...part })).toBe(expected)
      expect(cpuMs(() => decideNvidia({ ...input, ...part }, verify))).toBeLessThan(50)
    }
  })

  test('a response that says the same many times costs little more than one that says it once', () => {
    const stapled = (times: number): (() => unknown) => {
      const ocsp = device.ocsp('identity_ca', { delegate: {}, times })
      const collateral = unwrap(
        parseNvidiaCollateral(
          { rims: [], ocsp: Array.from({ length: 48 }, () => ocsp) },
          input.hashes,
        ),
      )
      return () => unwrap(assessDevice({ ...input, collateral }))
    }
    expect(cpuMs(stapled(24))).toBeLessThan(cpuMs(stapled(1)) + 15)
  })
})

test('random edits give codes, never exceptions', () => {
  const edit = fc.record({ at: fc.nat(), byte: fc.nat(255), remove: fc.nat(3) })
  const property = fc.property(
    fc.constantFrom('report', 'chain', 'ocsp', 'rims'),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
    fc.uint8Array({ maxLength: 8 }),
    (part, edits, inserted) => {
      const [whole = base.report] =
        part === 'report' ? [base.report] : part === 'chain' ? [base.chain] : (base[part] ?? [])
      let bytes = whole
      for (const { at, byte, remove } of edits) {
        const start = at % (bytes.length + 1)
        const rest = bytes.subarray(start + remove)
        bytes = concatBytes(bytes.subarray(0, start), Uint8Array.of(byte), inserted, rest)
      }
      const changed = part === 'report' || part === 'chain' ? bytes : [bytes]
      const decided = decideNvidia({ ...base, [part]: changed }, verify)
      if (!decided.ok) expect(decided.error.code).toMatch(/^[a-z_0-9]+$/)
    },
  )
  fc.assert(property, { numRuns: 300 })
})

/** PEM text of certificates in order. */
function pem(ders: readonly Uint8Array[]): Uint8Array {
  const blocks = ders.map(
    (der) =>
      `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`,
  )
  return new TextEncoder().encode(blocks.join(''))
}
