import { encode, ok, toHex } from '@tacit/base'
import {
  cpuEvidence,
  grant,
  keyGroup,
  MAX_CPU_EVIDENCE_BYTES,
  releaseBinding,
} from '@tacit/runtime'
import { fixedHex } from '../channel/params.ts'
import type { Gatekeeper } from '../gatekeeper/gatekeeper.ts'
import { method, type Method } from './methods.ts'
import { scale } from './worker-port.ts'

/** What a gatekeeper's worker may ask: the group, and the three steps of a release. */
export function gatekeeperMethods(gatekeeper: Gatekeeper): ReadonlyMap<string, Method> {
  return new Map([
    [
      'group',
      method({}, () => {
        const { group, signature } = gatekeeper.group()
        return ok({ group: toHex(encode(keyGroup, group)), signature: toHex(signature) })
      }),
    ],
    ['nonce', method({}, () => ok({ nonce: toHex(gatekeeper.nonce()) }))],
    [
      'grant',
      method(
        {
          binding: scale(releaseBinding, 256),
          evidence: scale(cpuEvidence, MAX_CPU_EVIDENCE_BYTES),
        },
        async (params) => {
          const granted = await gatekeeper.grant(params.binding, params.evidence)
          if (!granted.ok) return granted
          const { grant: given, signature } = granted.value
          return ok({ grant: toHex(encode(grant, given)), signature: toHex(signature) })
        },
      ),
    ],
    [
      'collect',
      method({ ephemeralKey: fixedHex(32) }, async ({ ephemeralKey }) => {
        const sealed = await gatekeeper.collect(ephemeralKey)
        return sealed.ok ? ok({ sealed: toHex(sealed.value) }) : sealed
      }),
    ],
  ])
}
