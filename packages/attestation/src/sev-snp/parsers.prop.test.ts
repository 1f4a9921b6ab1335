import { utf8 } from '@tacit/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAzureEvidence } from '../azure/evidence.ts'
import { parseHclReport } from '../azure/hcl-report.ts'
import { bitsFrom, hasBit } from './bits.ts'
import { parseSnpBundle } from './bundle.ts'
import { parseCertificateTable } from './certificate-table.ts'
import { SNP_FAMILIES } from './family.ts'
import { parseSnpReport } from './report.ts'
import { findReservedTcbByte, findTcbBelow, findTcbDifference, splitTcb } from './tcb.ts'

const anyBytes = fc.uint8Array({ maxLength: 2048 })
const anyTcb = fc.uint8Array({ minLength: 8, maxLength: 8 })
const anyFamily = fc.constantFrom(...SNP_FAMILIES)

describe('any bytes give a value or a code', () => {
  test.each([
    ['report', parseSnpReport],
    ['HCL report', parseHclReport],
    ['certificate table', parseCertificateTable],
    ['bundle', parseSnpBundle],
    ['Azure evidence', parseAzureEvidence],
  ])('%s', (_, parse) => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const parsed = parse(bytes)
        if (!parsed.ok) expect(parsed.error.code).toMatch(/^[a-z_]+$/)
      }),
    )
  })

  test('JSON of any shape too', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseSnpBundle(utf8(text)).ok).toBe(false)
        expect(parseAzureEvidence(utf8(text)).ok).toBe(false)
      }),
    )
  })
})

describe('TCBs', () => {
  test('every byte is a component or reserved', () => {
    fc.assert(
      fc.property(anyFamily, anyTcb, fc.nat(7), (family, bytes, at) => {
        const other = bytes.with(at, (bytes[at] ?? 0) ^ 1)
        const isComponent = findTcbDifference(splitTcb(family, bytes), splitTcb(family, other))
        const alone = new Uint8Array(8)
        alone[at] = 1
        expect(findReservedTcbByte(family, alone)).toBe(isComponent === undefined ? at : undefined)
      }),
    )
  })

  test('one is below another exactly where a component is', () => {
    fc.assert(
      fc.property(anyFamily, anyTcb, anyTcb, (family, a, b) => {
        const [tcb, floor] = [splitTcb(family, a), splitTcb(family, b)]
        const names = ['fmc', 'bootloader', 'tee', 'snp', 'microcode'] as const
        const first = names.find((name) => (tcb[name] ?? 0) < (floor[name] ?? 0))
        expect(findTcbBelow(tcb, floor)).toBe(first)
      }),
    )
  })
})

test('the bits of a field are those of its little-endian number', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(63), (value, first) => {
      const field = new Uint8Array(new BigUint64Array([value]).buffer)
      const bits = Array.from({ length: 64 }, (_, bit) => bit)
      const set = bits.filter((bit) => ((value >> BigInt(bit)) & 1n) === 1n)
      expect(bits.filter((bit) => hasBit(field, bit))).toEqual(set)
      expect(bitsFrom(field, first)).toEqual(set.filter((bit) => bit >= first))
    }),
  )
})
