import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { TacitError } from '@tacit/sdk'
import { findEvidence } from '../../../../vectors/evidence.ts'
import type { Output } from '../output.ts'
import { refusalOf, verifyFile } from './verify.ts'

const EVIDENCE = findEvidence() ?? ''
const hasEvidence = EVIDENCE !== ''
const BUNDLES = join(EVIDENCE, 'dcap/bundles')
const folder = mkdtempSync(join(tmpdir(), 'verify-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Run = { readonly code: number; readonly text: string }

async function run(file: string, options: Partial<Parameters<typeof verifyFile>[1]>): Promise<Run> {
  const lines: string[] = []
  const output: Output = { line: (text) => lines.push(text), error: (text) => lines.push(text) }
  const code = await verifyFile(file, { policy: 'none', ...options }, output)
  return { code, text: lines.join('\n') }
}

async function usage(
  file: string,
  options: Partial<Parameters<typeof verifyFile>[1]>,
): Promise<string> {
  const error = await run(file, options).then(
    () => undefined,
    (one: unknown) => one,
  )
  return error instanceof TacitError ? error.code : String(error)
}

describe.skipIf(!hasEvidence)('tacit verify on real bundles', () => {
  const phala = join(BUNDLES, 'tdx-v4-phala.json')

  it.each([
    ['tdx-v4-phala', 'UpToDate', 0],
    ['tdx-v4-near', 'UpToDate', 0],
    ['tdx-v4-dstack', 'UpToDate', 0],
    ['tdx-v4-gcp-outofdate', 'OutOfDate', 0],
    ['tdx-v4-module3-trustee', 'OutOfDate', 0],
    ['tdx-v4-debug-trustee', 'UpToDate', 0],
    ['sgx-v3-phala', 'ConfigurationAndSWHardeningNeeded', 0],
    ['sgx-v3-debug-occlum', 'OutOfDate', 0],
    ['tdx-v4-notsupported-tappd', 'NotSupported', 1],
  ])('%s is %s', async (name, status, code) => {
    const file = join(BUNDLES, `${name}.json`)
    const at = (JSON.parse(readFileSync(file, 'utf8')) as { verify_at: string }).verify_at
    const shown = await run(file, { at })
    expect(shown.text).toContain(status)
    expect(shown.code).toBe(code)
  })

  it('names the time at which expired collateral held, as a command to copy', async () => {
    const { code, text } = await run(phala, { at: '2026-11-23T00:00:00Z' })
    expect(code).toBe(1)
    expect(text).toContain('REJECTED [collateral_expired]')
    expect(text).toContain(`npx tacit verify ${phala} --at 2025-06-25T00:00:00Z`)
  })

  it('names the status that Intel does not vouch for', async () => {
    const file = join(BUNDLES, 'tdx-v4-notsupported-tappd.json')
    const { code, text } = await run(file, { at: '2025-06-25T00:00:00Z' })
    expect(code).toBe(1)
    expect(text).toContain('REJECTED [status_not_supported]')
  })

  it('refuses by policy with every rule that failed', async () => {
    const file = join(BUNDLES, 'tdx-v4-debug-trustee.json')
    const { code, text } = await run(file, { at: '2023-07-01T00:00:00Z', policy: 'production' })
    expect(code).toBe(1)
    expect(text).toContain('REJECTED [policy_refused]')
    expect(text).toContain('debug')
  })

  it('accepts by policy, and speaks JSON', async () => {
    const options = { at: '2025-06-25T00:00:00Z', policy: 'production', json: true }
    const { code, text } = await run(phala, options)
    const result = JSON.parse(text) as { accepted: boolean; verdict: { status: string } }
    expect([code, result.accepted, result.verdict.status]).toEqual([0, true, 'UpToDate'])
  })

  it('rejects a changed byte with the code of what was changed', async () => {
    const bundle = JSON.parse(readFileSync(phala, 'utf8')) as { quote: string }
    const quote = readFileSync(join(EVIDENCE, bundle.quote))
    quote[600] = (quote[600] ?? 0) ^ 1
    const file = join(folder, 'changed.json')
    writeFileSync(file, JSON.stringify({ ...bundle, quote: quote.toString('hex') }))
    const { code, text } = await run(file, { at: '2025-06-25T00:00:00Z', json: true })
    expect([code, (JSON.parse(text) as { error: { code: string } }).error.code]).toEqual([
      1,
      'quote_signature_invalid',
    ])
  })
})

describe('without a policy', () => {
  it.each([
    ['UpToDate', undefined],
    ['OutOfDate', undefined],
    ['Revoked', 'status_revoked'],
    ['NotSupported', 'status_not_supported'],
  ] as const)('a platform that is %s is refused with %s', (status, refusal) => {
    expect(refusalOf({ status })).toBe(refusal)
  })
})

describe('tacit verify called wrongly', () => {
  const write = (name: string, content: string): string => {
    const file = join(folder, name)
    writeFileSync(file, content)
    return file
  }

  it.each([
    ['a file that is not there', join(folder, 'none.json'), {}],
    ['a folder', folder, {}],
    ['what is not JSON', write('text.json', 'hello'), {}],
    ['a file too large', write('large.json', ' '.repeat(4_000_001)), {}],
    ['a receipt without checkpoint', write('r1.json', '{"format":"tacit-receipt-v1"}'), {}],
    [
      'a checkpoint that is no hash',
      write('r2.json', '{"format":"tacit-receipt-v1"}'),
      { checkpoint: '0x12' },
    ],
    ['a time with a receipt', write('r3.json', '{"format":"tacit-receipt-v1"}'), { at: '1' }],
  ])('%s', async (_, file, options) => {
    expect(await usage(file, options)).toBe('usage')
  })

  it.skipIf(!hasEvidence)('an unknown policy or time', async () => {
    const file = join(BUNDLES, 'tdx-v4-phala.json')
    expect(await usage(file, { at: 'yesterday' })).toBe('usage')
    expect(await usage(file, { at: '2025-06-25T00:00:00Z', policy: 'lenient' })).toBe('usage')
  })

  it('JSON of another shape is rejected with its code', async () => {
    const bundle = await run(write('b.json', '{"a":1}'), { json: true })
    expect(bundle.code).toBe(1)
    expect(bundle.text).toContain('bundle_malformed')
    const receipt = await run(write('r4.json', '{"format":"tacit-receipt-v1"}'), {
      checkpoint: '00'.repeat(32),
      json: true,
    })
    expect(receipt.code).toBe(1)
    expect(receipt.text).toContain('receipt_malformed')
  })
})
