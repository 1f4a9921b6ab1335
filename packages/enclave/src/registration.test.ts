import { describe, expect, test } from 'vitest'
import { err, ok, unwrap } from '@tacit/base'
import {
  gpuDeviceSet,
  gpuEvidenceHash,
  gpuNonce,
  registrationReportData,
  type GpuDevice,
} from '@tacit/runtime'
import { unavailable } from './evidence/evidence-source.ts'
import { createRegistration, type EvidenceSources } from './registration.ts'
import { filled } from './testing/test-bytes.ts'
import { createTestChain, SLOT } from './testing/test-chain.ts'

const { chain, instance, td } = createTestChain()
const as = { role: { type: 'Contracts' }, slot: SLOT } as const
const evidence: EvidenceSources['evidence'] = {
  collect: async (data) => ok({ type: 'Dcap', value: { quote: td.quote(data) } }),
}
const chains = [filled(1, 100), filled(2, 100)]
const devicesFor = (nonce: Uint8Array, of = chains): readonly GpuDevice[] =>
  of.map((certificateChain) => ({ certificateChain, report: nonce }))

describe('a registration with GPUs', () => {
  test('binds their evidence, made under the nonce that names them', async () => {
    const nonces: Uint8Array[] = []
    const gpus: EvidenceSources['gpus'] = {
      collect: async (nonce) => {
        nonces.push(nonce)
        return ok({ devices: devicesFor(nonce) })
      },
    }
    const made = unwrap(await createRegistration(chain, instance, { evidence, gpus }, as))
    const head = chain.head()
    const nonce = gpuNonce(chain.hashes, {
      genesis: chain.genesis,
      instance: instance.signing.publicKey,
      purpose: { type: 'Registration' },
      recentNumber: head.number,
      recentHash: head.hash,
      devices: gpuDeviceSet(chain.hashes, devicesFor(filled(0))),
    })
    expect(nonces).toEqual([head.hash, nonce])
    const gpu = { devices: devicesFor(nonce) }
    expect(made.binding.gpuEvidence).toEqual(gpuEvidenceHash(chain.hashes, gpu))
    const reportData = registrationReportData(chain.hashes, made.binding)
    expect(made.evidence).toEqual({
      cpu: { type: 'Dcap', value: { quote: td.quote(reportData) } },
      gpu: { ...gpu, ocsp: [] },
    })
  })

  test.each([
    ['one is gone', [chains[0] ?? filled(0)]],
    ['another came', [...chains, filled(3)]],
    ['they changed places', chains.toReversed()],
  ])('is refused when %s in between', async (_, second) => {
    let calls = 0
    const gpus: EvidenceSources['gpus'] = {
      collect: async (nonce) => ok({ devices: devicesFor(nonce, calls++ === 0 ? chains : second) }),
    }
    expect(await createRegistration(chain, instance, { evidence, gpus }, as)).toEqual(
      err({ code: 'evidence_unavailable', reason: 'devices_changed' }),
    )
  })

  test('is refused when they, or the CPU, give nothing', async () => {
    for (const failing of [0, 1]) {
      let calls = 0
      const gpus: EvidenceSources['gpus'] = {
        collect: async (nonce) =>
          calls++ === failing ? unavailable('cc_mode_off') : ok({ devices: devicesFor(nonce) }),
      }
      expect(await createRegistration(chain, instance, { evidence, gpus }, as)).toEqual(
        err({ code: 'evidence_unavailable', reason: 'cc_mode_off' }),
      )
    }
    const none = { evidence: { collect: async () => unavailable('timeout') } }
    expect(await createRegistration(chain, instance, none, as)).toEqual(
      err({ code: 'evidence_unavailable', reason: 'timeout' }),
    )
  })
})
