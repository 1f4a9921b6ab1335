import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { TacitError } from '@tacit/sdk'
import { findEvidence } from '../../../../vectors/evidence.ts'
import type { Output } from '../output.ts'
import { verifyFiles, type VerifyOptions } from './verify.ts'

const EVIDENCE = findEvidence() ?? ''
const hasEvidence = EVIDENCE !== ''
const BUNDLES = join(EVIDENCE, 'dcap/bundles')
const folder = mkdtempSync(join(tmpdir(), 'verify-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Run = { readonly code: number; readonly text: string }

async function run(
  files: string | readonly string[],
  options: Partial<VerifyOptions>,
): Promise<Run> {
  const lines: string[] = []
  const output: Output = { line: (text) => lines.push(text), error: (text) => lines.push(text) }
  const code = await verifyFiles([files].flat(), { policy: 'none', ...options }, output)
  return { code, text: lines.join('\n') }
}

async function usage(
  files: string | readonly string[],
  options: Partial<VerifyOptions>,
): Promise<string> {
  const error = await run(files, options).then(
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

describe.skipIf(!hasEvidence)('tacit verify on every kind of real evidence', () => {
  const at = (path: string): string => join(EVIDENCE, path)

  it.each([
    [
      'a quote and its collateral',
      ['dcap/quotes/tdx-v4-phala.bin', 'dcap/collateral/phala__tdx_quote_collateral.json'],
      '2025-06-25T00:00:00Z',
      /Intel TDX[^]*UpToDate/,
    ],
    [
      "dstack's answer, with its events",
      [
        'dcap/dstack-quote-report.json',
        'dcap/collateral/phala__tdx_quote_outdated_collateral.json',
      ],
      '2026-02-25T00:00:00Z',
      /dstack {5}28 events[^]*compose {4}3763bc34/,
    ],
    [
      'an SNP report with PEM and an intermediate',
      [
        'snp/msft__milan_attestation_report.bin',
        'snp/msft__milan_vcek.pem',
        'snp/msft__milan_ask.pem',
      ],
      undefined,
      /SEV-SNP guest on Milan/,
    ],
    [
      'an SNP report as hex with DER',
      ['snp/virtee__report_milan.hex', 'snp/virtee__vcek_milan.der'],
      undefined,
      /SEV-SNP guest on Milan/,
    ],
    [
      'an SNP report of Turin',
      ['snp/msft__turin_attestation_report.bin', 'snp/msft__turin_vcek.pem'],
      undefined,
      /SEV-SNP guest on Turin/,
    ],
    [
      "Azure's HCL report",
      ['snp/trustee__az-snp-vtpm__hcl-report.bin', 'snp/trustee__az-snp-vtpm__vcek.pem'],
      undefined,
      /Azure {6}VM/,
    ],
    [
      "Azure's agent",
      ['snp/trustee__az-snp-vtpm__evidence-genoa.json'],
      undefined,
      /SEV-SNP guest on Genoa[^]*virtual TPM's own quote is not verified/,
    ],
    [
      'a GPU and its chain as text',
      [
        'nvidia/nvtrust__samples__hopperAttestationReport.txt',
        'nvidia/nvtrust__samples__hopperCertChain.txt',
      ],
      undefined,
      /NVIDIA/,
    ],
    [
      'a GPU as nvattest writes it',
      ['nvidia/nvsdk__serialized_test_evidence__hopper_evidence.json'],
      undefined,
      /NVIDIA/,
    ],
    [
      'eight GPUs',
      ['nvidia/nvtrust__ppcie-verifier-sdk-cpp__tests__data__gpu_evidence.json'],
      undefined,
      /NVIDIA/,
    ],
    [
      'four switches',
      ['nvidia/nvtrust__ppcie-verifier-sdk-cpp__tests__data__switch_evidence.json'],
      undefined,
      /NVIDIA/,
    ],
    [
      'a switch with its manifest',
      [
        'nvidia/nvsdk__switchAttestationReport.txt',
        'nvidia/nvsdk__switchCertChain.txt',
        'nvidia/nvsdk__switchVBIOSRim_NV_SWITCH_BIOS_5612_0002_890_9610550001.xml',
      ],
      undefined,
      /LS10 switch[^]*measured as NVIDIA's manifest says/,
    ],
    [
      'a manifest alone',
      ['nvidia/nvsdk__NV_GPU_DRIVER_GH100_550.144.03.xml'],
      '2026-11-01T00:00:00Z',
      /version {4}550\.144\.03/,
    ],
  ] as const)('%s', async (_, paths, time, said) => {
    const { code, text } = await run(paths.map(at), time === undefined ? {} : { at: time })
    expect(text).toMatch(/^ACCEPTED/)
    expect(text).toMatch(said)
    expect(code).toBe(0)
  })

  it.each([
    ['a quote alone', ['dcap/quotes/tdx-v4-phala.bin'], 'collateral_missing'],
    ['an SNP report alone', ['snp/gosev__attestation.bin'], 'endorsement_missing'],
    ['a device alone', ['nvidia/nvsdk__hopperAttestationReport.txt'], 'device_chain_missing'],
    ['certificates alone', ['snp/roots/ask_ark_milan.pem'], 'evidence_missing'],
    [
      'a broken VCEK',
      ['snp/trustee__snp__test-report.bin', 'snp/trustee__snp__test-vcek-invalid-new.der'],
      'vcek_signature_invalid',
    ],
    [
      'another VCEK',
      ['snp/trustee__snp__test-report.bin', 'snp/virtee__vcek_milan.der'],
      'report_signature_invalid',
    ],
    [
      'a manifest under another root',
      ['nvidia/nvsdk__incorrect_cert_chain_driver_rim.xml'],
      'root_untrusted',
    ],
    [
      'a document of AWS',
      ['nitro/dstack__nsm-qvl__tests__nitro_attestation.bin'],
      'file_unsupported',
    ],
    [
      'two quotes',
      ['dcap/quotes/tdx-v4-phala.bin', 'dcap/quotes/tdx-v4-near.bin'],
      'files_conflicting',
    ],
  ] as const)('%s is rejected', async (_, paths, expected) => {
    const { code, text } = await run(paths.map(at), { json: true })
    expect((JSON.parse(text) as { error: { code: string } }).error.code).toBe(expected)
    expect(code).toBe(1)
  })

  it('a nonce that devices were not asked with', async () => {
    const file = at('nvidia/nvsdk__serialized_test_evidence__hopper_evidence.json')
    const { code, text } = await run(file, { nonce: '00'.repeat(32) })
    expect([code, text.split('\n')[0]]).toEqual([1, 'REJECTED [nonce_mismatch]'])
    expect(await usage(file, { nonce: '00' })).toBe('usage')
  })

  it("Intel's sample, under a root that the caller adds", async () => {
    const sample = (name: string): string => at(`dcap/intel-sample/${name}`)
    const text = (name: string): string => readFileSync(sample(name), 'utf8')
    const hex = (name: string): string => readFileSync(sample(name)).toString('hex')
    const body = (name: string): string =>
      /^\{"[a-zA-Z]+":(.*),"signature":/s.exec(text(name))?.[1] ?? ''
    const signature = (name: string): string =>
      /"signature":"([0-9a-f]+)"/.exec(text(name))?.[1] ?? ''
    const file = join(folder, 'intel-sample.json')
    const collateral = {
      pck_crl_issuer_chain: text('pckSignChain.pem'),
      root_ca_crl: hex('rootCaCrl.der'),
      pck_crl: hex('intermediateCaCrl.der'),
      tcb_info_issuer_chain: text('tcbSignChain.pem'),
      tcb_info: body('tcbInfo.json'),
      tcb_info_signature: signature('tcbInfo.json'),
      qe_identity_issuer_chain: text('tcbSignChain.pem'),
      qe_identity: body('qeIdentity.json'),
      qe_identity_signature: signature('qeIdentity.json'),
    }
    writeFileSync(file, JSON.stringify({ quote: hex('quote.dat'), collateral }))
    const pck = sample('pckCert.pem')
    const chain = join(folder, 'intel-sample.pem')
    writeFileSync(chain, `${readFileSync(pck, 'utf8')}${text('pckSignChain.pem')}`)
    const options = { at: '2020-01-01T00:00:00Z' }
    expect((await run([file, chain], options)).text).toContain('REJECTED [root_untrusted]')
    const root = sample('trustedRootCaCert.pem')
    const trusted = await run([file, chain], { ...options, root })
    expect(trusted.text).toMatch(/^ACCEPTED[^]*the root of trustedRootCaCert\.pem[^]*UpToDate/)
  })

  it('a policy from a file, and one that is none', async () => {
    const policy = join(folder, 'policy.json')
    writeFileSync(policy, JSON.stringify({ name: 'mine', roots: [], debug: false }))
    const report = [at('snp/gosev__attestation.bin'), at('snp/gosev__vcek.testcer')]
    const judged = await run(report, { policy })
    expect(judged.text).toMatch(
      /^REJECTED \[policy_refused\][^]*policy {5}mine: REFUSED[^]*- roots[^]*- debug/,
    )
    writeFileSync(policy, '{"name":"mine"}')
    expect(await usage(report, { policy })).toBe('usage')
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

  it('more than one receipt, and more than 64 files', async () => {
    const receipt = write('r5.json', '{"format":"tacit-receipt-v1"}')
    expect(await usage([receipt, receipt], { checkpoint: '00'.repeat(32) })).toBe('usage')
    expect(
      await usage(
        Array.from({ length: 65 }, () => receipt),
        {},
      ),
    ).toBe('usage')
  })

  it('what is no evidence, or badly formed, is rejected with its code', async () => {
    const unknown = await run(write('text.json', 'hello'), { json: true })
    expect([unknown.code, unknown.text]).toEqual([1, expect.stringContaining('file_unknown')])
    const other = await run(write('b.json', '{"a":1}'), { json: true })
    expect([other.code, other.text]).toEqual([1, expect.stringContaining('file_unknown')])
    const bundle = await run(write('c.json', '{"quote":1,"collateral":{}}'), {})
    expect(bundle.text).toMatch(
      /^REJECTED \[file_malformed\]\n.*looks like a bundle.*bundle_malformed/,
    )
    const receipt = await run(write('r4.json', '{"format":"tacit-receipt-v1"}'), {
      checkpoint: '00'.repeat(32),
      json: true,
    })
    expect(receipt.code).toBe(1)
    expect(receipt.text).toContain('receipt_malformed')
  })
})
