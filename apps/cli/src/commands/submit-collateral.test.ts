import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { err, utf8 } from '@tacit/base'
import { writeBundle, writeSnpBundle } from '@tacit/collateral'
import { developmentSpec, startNode, type RunningNode } from '@tacit/node'
import { createDevAmd, createDevPlatform } from '@tacit/platform-dev'
import { TacitError } from '@tacit/sdk'
import type { Output } from '../output.ts'
import { encodeSubmission, submitBundle } from './submit-collateral.ts'

const now = Math.floor(Date.now() / 1_000)
const seed = new Uint8Array(32).fill(7)
const folder = mkdtempSync(join(tmpdir(), 'submit-'))
const intel = createDevPlatform({ seed, now })
const amd = createDevAmd({ seed, now })
const quote = intel.launchTd({ image: new Uint8Array(48), role: 'x' }).quote(new Uint8Array(64))
const report = amd.launchGuest({ measurement: new Uint8Array(48) }).report(new Uint8Array(64))
const dcap = writeBundle({ quote, collateral: intel.collateral(), verifyAt: now })
const snp = { report, signingKey: 'vcek', collateral: amd.collateral(), verifyAt: now } as const

let node: RunningNode

beforeAll(async () => {
  const roots = [intel.root, amd.root]
  node = await startNode({
    basePath: join(folder, 'node'),
    chainSpec: developmentSpec({
      timeMs: BigInt(now) * 1_000n,
      attestation: { roots, measurements: [] },
    }),
    rpcPort: 0,
    heartbeatMs: 1_000,
  })
})
afterAll(async () => {
  await node.stop()
  rmSync(folder, { recursive: true })
})

async function submit(text: string): Promise<string> {
  const path = join(folder, 'bundle.json')
  writeFileSync(path, text)
  const lines: string[] = []
  const output: Output = { line: (text) => lines.push(text), error: (text) => lines.push(text) }
  const options = { from: '//Alice', rpc: node.rpcUrl, scheme: 'sr25519' }
  try {
    await submitBundle(path, options, output)
  } catch (fault) {
    return fault instanceof TacitError ? `${fault.code}: ${fault.shortMessage}` : String(fault)
  }
  return lines.join('\n')
}

describe('tacit collateral submit', () => {
  it("stores Intel's and AMD's collateral, once", async () => {
    expect(await submit(dcap)).toMatch(/^stored in block \d+$/)
    expect(await submit(writeSnpBundle(snp))).toMatch(/^stored in block \d+$/)
    expect(await submit(dcap)).toMatch(/^dispatch_failed: .*CollateralKnown/)
  })

  it('takes nothing else', async () => {
    const { chain: _, ...rest } = snp.collateral
    const bare = writeSnpBundle({ ...snp, collateral: { ...rest, chain: undefined } })
    expect(encodeSubmission(utf8(bare))).toEqual(err({ code: 'bundle_incomplete' }))
    expect(encodeSubmission(utf8('{}'))).toEqual(err({ code: 'bundle_malformed' }))
    expect(await submit(bare)).toMatch(/^usage: .*bundle_incomplete/)
    expect(await submit('nonsense')).toMatch(/^usage: .*bundle_malformed/)
  })
})
