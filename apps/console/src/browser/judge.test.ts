import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Hash } from '@tacit/base'
import { portable } from '@tacit/crypto/portable'
import { webcrypto } from '@tacit/crypto/webcrypto'
import { findEvidence } from '../../../../vectors/evidence.ts'
import { classifyFiles, type Dropped } from './classify.ts'
import { judge, type Judgement } from './judge.ts'

const folder = findEvidence()

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder ?? '', path)))
}

/** The bundle and the quote that it names, as a visitor would drop them. */
function drop(name: string): { dropped: Dropped; recorded: number } {
  const bytes = read(`dcap/bundles/${name}.json`)
  const json = JSON.parse(new TextDecoder().decode(bytes)) as { quote: string; verify_at: string }
  const quote = { name: 'quote.bin', bytes: read(json.quote) }
  const dropped = classifyFiles([{ name: `${name}.json`, bytes }, quote])
  if (!dropped.ok) throw new Error(dropped.error.code)
  return { dropped: dropped.value, recorded: Date.parse(json.verify_at) / 1_000 }
}

function judgeAt(dropped: Dropped, now: number): Promise<Judgement> {
  const genesisHash = new Uint8Array(32) as Hash
  return judge(dropped, { genesisHash, now, crypto: portable, verifier: webcrypto })
}

describe.runIf(folder !== undefined)('judge', () => {
  it('accepts real evidence at its time and says that no policy was applied', async () => {
    const { dropped, recorded } = drop('tdx-v4-phala')
    const judgement = await judgeAt(dropped, recorded)
    expect(judgement).toMatchObject({ accepted: true, headline: 'ACCEPTED' })
    expect(judgement.lines.join('\n')).toMatch(/vouched for by Intel SGX Root CA[^]*none applied/)
  })

  it('refuses it when its collateral has expired, and knows when it held', async () => {
    const { dropped, recorded } = drop('tdx-v4-phala')
    expect(await judgeAt(dropped, recorded + 10 * 365 * 86_400)).toMatchObject({
      accepted: false,
      headline: 'REJECTED [collateral_expired]',
      heldAt: recorded,
    })
  })

  it('refuses a platform that no level of Intel matches, with the verdict', async () => {
    const { dropped, recorded } = drop('tdx-v4-notsupported-tappd')
    const judgement = await judgeAt(dropped, recorded)
    expect(judgement.headline).toBe('REJECTED [status_not_supported]')
    expect(judgement.heldAt).toBeUndefined()
    expect(judgement.lines.length).toBeGreaterThan(5)
  })

  it('refuses a changed quote and offers no other time', async () => {
    const { dropped, recorded } = drop('tdx-v4-phala')
    if (dropped.type !== 'evidence' || dropped.set.type !== 'dcap') throw new Error('a quote')
    const quote = dropped.set.quote.slice()
    quote[200] = (quote[200] ?? 0) ^ 1
    const changed = { ...dropped, set: { ...dropped.set, quote } }
    expect(await judgeAt(changed, recorded)).toMatchObject({
      headline: 'REJECTED [quote_signature_invalid]',
    })
  })

  it.each([
    ['SEV-SNP', ['snp/msft__turin_attestation_report.bin', 'snp/msft__turin_vcek.pem'], /on Turin/],
    ['Azure', ['snp/trustee__az-snp-vtpm__evidence-v2.json'], /on Milan[^]*secure boot/],
    ['NVIDIA', ['nvidia/nvsdk__serialized_test_evidence__hopper_evidence.json'], /NVIDIA/],
  ])('accepts %s evidence', async (_, paths, said) => {
    const dropped = classifyFiles(paths.map((path) => ({ name: path, bytes: read(path) })))
    if (!dropped.ok) throw new Error(dropped.error.code)
    const judgement = await judgeAt(dropped.value, Date.UTC(2026, 5, 1) / 1_000)
    expect(judgement.headline).toBe('ACCEPTED')
    expect(judgement.lines.join('\n')).toMatch(said)
  })
})
