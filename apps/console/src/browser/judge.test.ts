import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Hash } from '@tacit/base'
import { portable } from '@tacit/crypto/portable'
import { findEvidence } from '../../../../vectors/evidence.ts'
import { classifyFiles, type Dropped } from './classify.ts'
import { judge, type Judgement } from './judge.ts'

const folder = findEvidence()

/** The bundle and the quote that it names, as a visitor would drop them. */
function drop(name: string): { dropped: Dropped; recorded: number } {
  const read = (path: string): Uint8Array => new Uint8Array(readFileSync(join(folder ?? '', path)))
  const bytes = read(`dcap/bundles/${name}.json`)
  const json = JSON.parse(new TextDecoder().decode(bytes)) as { quote: string; verify_at: string }
  const quote = { name: 'quote.bin', bytes: read(json.quote) }
  const dropped = classifyFiles([{ name: `${name}.json`, bytes }, quote])
  if (!dropped.ok) throw new Error(dropped.error.code)
  return { dropped: dropped.value, recorded: Date.parse(json.verify_at) / 1_000 }
}

function judgeAt(dropped: Dropped, now: number): Judgement {
  return judge(dropped, { genesisHash: new Uint8Array(32) as Hash, now, crypto: portable })
}

describe.runIf(folder !== undefined)('judge', () => {
  it('accepts real evidence at its time and says that no policy was applied', () => {
    const { dropped, recorded } = drop('tdx-v4-phala')
    const judgement = judgeAt(dropped, recorded)
    expect(judgement).toMatchObject({ accepted: true, headline: 'ACCEPTED' })
    expect(judgement.lines.join('\n')).toMatch(/vouched for by Intel SGX Root CA[^]*none applied/)
  })

  it('refuses it when its collateral has expired, and knows when it held', () => {
    const { dropped, recorded } = drop('tdx-v4-phala')
    expect(judgeAt(dropped, recorded + 10 * 365 * 86_400)).toMatchObject({
      accepted: false,
      headline: 'REJECTED [collateral_expired]',
      heldAt: recorded,
    })
  })

  it('refuses a platform that no level of Intel matches, with the verdict', () => {
    const { dropped, recorded } = drop('tdx-v4-notsupported-tappd')
    const judgement = judgeAt(dropped, recorded)
    expect(judgement.headline).toBe('REJECTED [status_not_supported]')
    expect(judgement.heldAt).toBeUndefined()
    expect(judgement.lines.length).toBeGreaterThan(5)
  })

  it('refuses a changed quote and offers no other time', () => {
    const { dropped, recorded } = drop('tdx-v4-phala')
    if (dropped.type !== 'bundle') throw new Error('a bundle')
    const quote = dropped.quote.slice()
    quote[200] = (quote[200] ?? 0) ^ 1
    expect(judgeAt({ ...dropped, quote }, recorded)).toMatchObject({
      headline: 'REJECTED [quote_signature_invalid]',
    })
  })
})
