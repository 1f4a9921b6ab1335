import { concatBytes, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { bounded } from '../../../../tools/bounded.ts'
import { decide, evidenceFolder, honest, loadBundles, sgx, tdx } from '../testing/kit.ts'
import type { DcapCollateral } from './collateral.ts'
import { parseQuote } from './quote.ts'
import { parseTcbInfo } from './tcb-info.ts'
import type { DcapInput } from './verify.ts'

const MIB = 1024 * 1024
const base = tdx()

/** The code, and the reason where there is one, found at a bounded cost. */
function codeOf(input: DcapInput): string {
  return bounded(() => plainCodeOf(input))
}

function plainCodeOf(input: DcapInput): string {
  const decided = decide(input)
  if (decided.ok) return decided.value.status
  const { error } = decided
  return 'reason' in error ? `${error.code} ${error.reason}` : error.code
}

function withPart(field: keyof DcapCollateral, bytes: Uint8Array): DcapInput {
  return { ...base, collateral: { ...base.collateral, [field]: bytes } }
}

/** A copy with a little-endian number written into it. */
function withNumber(bytes: Uint8Array, at: number, value: number, size: 2 | 4): Uint8Array {
  const copy = bytes.slice()
  const view = new DataView(copy.buffer)
  if (size === 2) view.setUint16(at, value, true)
  else view.setUint32(at, value, true)
  return copy
}

/** Where a quote's parts begin, from the parts themselves. */
function layoutOf(quote: Uint8Array) {
  const parsed = parseQuote(quote)
  if (!parsed.ok || parsed.value.certification.type !== 5) throw new Error('malformed')
  const { version, body, signature, qeAuthData, certification } = parsed.value
  const { chain } = certification
  const at = (part: Uint8Array) => part.byteOffset - quote.byteOffset
  return {
    version,
    body: at(body),
    dataLength: at(signature) - 4,
    outerLength: version === 3 ? undefined : at(signature) + 130,
    authLength: at(qeAuthData) - 2,
    chainLength: at(chain) - 4,
    end: at(chain) + chain.length,
  }
}

const synthetic = [
  ['SGX 3', sgx()],
  ['SGX 4', sgx(honest, { quoteVersion: 4 })],
  ['SGX 5', sgx(honest, { quoteVersion: 5 })],
  ['TDX 4', tdx()],
  ['TDX 5', tdx(honest, { quoteVersion: 5 })],
] as const
const real = loadBundles().map(({ name, input }) => [name, input] as const)

describe('truncation', () => {
  test.each([...synthetic, ...real])('%s at every offset', (_, { quote }) => {
    const { end } = layoutOf(quote)
    for (let length = 0; length < end; length++) {
      const parsed = parseQuote(quote.subarray(0, length))
      expect(parsed.ok ? 'ok' : parsed.error.code, `at ${length}`).toBe('quote_truncated')
    }
    for (let length = end; length <= quote.length; length++) {
      expect(parseQuote(quote.subarray(0, length)).ok).toBe(true)
    }
  })
})

describe('lengths that lie', () => {
  const LIES = [0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

  test.each([...synthetic, ...real])('%s', (_, input) => {
    const { quote } = input
    const { dataLength, outerLength, authLength, chainLength } = layoutOf(quote)
    const numbers = [
      [dataLength, 4, ['quote_truncated', 'quote_length_mismatch']],
      [outerLength, 4, ['quote_length_mismatch']],
      [authLength, 2, ['quote_length_mismatch']],
      [chainLength, 4, ['quote_length_mismatch']],
    ] as const
    for (const [at, size, codes] of numbers) {
      if (at === undefined) continue
      const view = new DataView(quote.buffer, quote.byteOffset)
      const honestly = size === 2 ? view.getUint16(at, true) : view.getUint32(at, true)
      for (const lie of [...LIES, honestly - 1, honestly + 1]) {
        if (lie % 2 ** (8 * size) === honestly) continue
        const code = plainCodeOf({ ...input, quote: withNumber(quote, at, lie, size) })
        expect(codes, `${lie} at ${at}`).toContain(code)
      }
    }
  })

  test('signature data that ends within each of its parts', () => {
    const { quote } = sgx()
    const { dataLength } = layoutOf(quote)
    for (let length = 0; length < 620; length++) {
      const cut = withNumber(quote.subarray(0, dataLength + 4 + length), dataLength, length, 4)
      expect(parseQuote(cut)).toMatchObject({ error: { code: 'quote_length_mismatch' } })
    }
  })
})

describe('64 MiB', () => {
  test.each([...synthetic])('of trailing bytes behind %s cost nothing', (_, input) => {
    const quote = new Uint8Array(input.quote.length + 64 * MIB).fill(0x2d)
    quote.set(input.quote)
    let hashed = 0
    const sha256 = (bytes: Uint8Array) => {
      hashed += bytes.length
      return input.hashes.sha256(bytes)
    }
    const decided = bounded(() => decide({ ...input, quote, hashes: { sha256 } }))
    expect(decided).toEqual(decide(input))
    // The attestation key and 32 bytes of authentication data.
    expect(hashed).toBe(96)
  })

  test('as each part of the collateral', () => {
    const big = new Uint8Array(64 * MIB).fill(0x20)
    const codes = (Object.keys(base.collateral) as (keyof DcapCollateral)[]).map((field) => [
      field,
      codeOf(withPart(field, big)),
    ])
    expect(Object.fromEntries(codes)).toEqual({
      pckCrlIssuerChain: 'chain_malformed too_long',
      rootCaCrl: 'crl_malformed too_long',
      pckCrl: 'crl_malformed too_long',
      tcbInfoIssuerChain: 'chain_malformed too_long',
      tcbInfo: 'tcb_info_malformed too_long',
      tcbInfoSignature: 'collateral_signature_malformed',
      qeIdentityIssuerChain: 'chain_malformed too_long',
      qeIdentity: 'qe_identity_malformed too_long',
      qeIdentitySignature: 'collateral_signature_malformed',
    })
  })

  test('as certification data of each type', () => {
    const { quote } = sgx()
    const { dataLength, chainLength } = layoutOf(quote)
    const expected = {
      1: 'certification_data_malformed',
      4: 'pck_chain_missing',
      5: 'chain_malformed too_long',
      7: 'certification_data_unsupported',
    }
    for (const [type, code] of Object.entries(expected)) {
      const big = concatBytes(quote.subarray(0, chainLength + 4), new Uint8Array(64 * MIB))
      const view = new DataView(big.buffer)
      view.setUint32(dataLength, big.length - dataLength - 4, true)
      view.setUint16(chainLength - 2, Number(type), true)
      view.setUint32(chainLength, 64 * MIB, true)
      expect(codeOf({ ...sgx(), quote: big }), type).toBe(code)
    }
  })

  test('as a supplied PCK chain', () => {
    const pckChain = new Uint8Array(64 * MIB).fill(0x20)
    expect(codeOf({ ...base, pckChain })).toBe('chain_malformed too_long')
  })
})

describe('JSON bombs of 256 KiB', () => {
  const KIB256 = 256 * 1024
  const whole = new TextDecoder().decode(base.collateral.tcbInfo)
  /** The document with a value put into it. */
  const withValue = (value: string): string => `${whole.slice(0, -1)},"x":${value}}`
  const filled = (part: string, room: number): string => part.repeat(Math.floor(room / part.length))
  const room = KIB256 - whole.length - 64

  test.each([
    ['brackets', '['.repeat(KIB256), 'too_deep'],
    ['braces', '{"a":'.repeat(KIB256 / 8), 'too_deep'],
    ['brackets in a field', withValue(`${'['.repeat(60_000)}${']'.repeat(60_000)}`), 'too_deep'],
    ['brackets behind an open string', `"${'['.repeat(1000)}`, 'not_json'],
    ['a backslash at the end', String.raw`{"a":"\ `.trimEnd(), 'not_json'],
    ['quotes', '"'.repeat(KIB256), 'not_json'],
    ['colons', ':'.repeat(KIB256), 'not_json'],
    ['nothing', '', 'not_json'],
    ['NUL', '\0'.repeat(KIB256), 'not_json'],
    ['no UTF-8', undefined, 'not_utf8'],
    ['one name twice', withValue('{"a":1,"a":1}'), 'name_duplicate'],
    ['one name often', withValue(`{${filled('"a":1,', room)}"a":1}`), 'name_duplicate'],
  ])('%s', (_, text, reason) => {
    const bytes = text === undefined ? new Uint8Array(KIB256).fill(0xff) : utf8(text)
    expect(codeOf(withPart('tcbInfo', bytes))).toBe(`tcb_info_malformed ${reason}`)
    expect(codeOf(withPart('qeIdentity', bytes))).toBe(`qe_identity_malformed ${reason}`)
  })

  test.each([
    ['a long text', withValue(`"${'x'.repeat(room)}"`)],
    ['a long number', withValue('1'.repeat(room))],
    ['a long array', withValue(`[${filled('0,', room)}0]`)],
    ['empty objects', withValue(`[${filled('{},', room)}{}]`)],
    ['many names', withValue(`{${names(24_000)}"y":1}`)],
    ['white space', `${whole}${' '.repeat(room)}`],
  ])('%s that is ignored fails by its signature', (_, text) => {
    expect(utf8(text).length).toBeLessThanOrEqual(KIB256)
    expect(codeOf(withPart('tcbInfo', utf8(text)))).toBe('tcb_info_signature_invalid')
  })

  function names(count: number): string {
    return Array.from({ length: count }, (_, at) => `"${at}":1,`).join('')
  }

  test('as many levels and modules as fit', () => {
    const document = JSON.parse(whole) as {
      tcbLevels: { tcb: { pcesvn: number } }[]
      tdxModuleIdentities: { id: string; tcbLevels: { tcb: { isvsvn: number } }[] }[]
    }
    const [level] = document.tcbLevels
    const [module] = document.tdxModuleIdentities
    if (level === undefined || module === undefined) throw new Error('empty')
    const svns = Array.from({ length: 16 }, () => ({ svn: 1 }))
    const bare = { tcbDate: '2025-01-01T00:00:00Z', tcbStatus: 'UpToDate' }
    const tcbLevels = Array.from({ length: 256 }, (_, pcesvn) => ({
      tcb: { sgxtcbcomponents: svns, tdxtcbcomponents: svns, pcesvn },
      ...bare,
    }))
    const moduleLevels = Array.from({ length: 6 }, (_, isvsvn) => ({ tcb: { isvsvn }, ...bare }))
    const tdxModuleIdentities = Array.from({ length: 150 }, (_, at) => ({
      ...module,
      id: `TDX_${at}`,
      tcbLevels: moduleLevels,
    }))
    const bytes = utf8(JSON.stringify({ ...document, tcbLevels, tdxModuleIdentities }))
    expect(bytes.length).toBeGreaterThan(200 * 1024)
    expect(bounded(() => parseTcbInfo(bytes))).toMatchObject({ ok: true })
  })
})

describe.runIf(evidenceFolder !== undefined)('real quotes', () => {
  test.each(real)('%s with its trailing bytes replaced or left out', (_, input) => {
    const { end } = layoutOf(input.quote)
    const decided = decide(input)
    const bare = input.quote.subarray(0, end)
    expect(decide({ ...input, quote: bare })).toEqual(decided)
    const noisy = concatBytes(bare, new Uint8Array(4096).fill(0x2d))
    expect(decide({ ...input, quote: noisy })).toEqual(decided)
  })
})
