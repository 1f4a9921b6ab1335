import { encode, ok, toHex } from '@tacit/base'
import { commitPayload, cpuEvidence, inboxKeyNote, releaseBinding } from '@tacit/runtime'
import { fixedHex, hexBytes, integer } from '../channel/params.ts'
import type { ContractsRole } from '../contracts-role.ts'
import { method, type Method } from './methods.ts'
import { accountField } from './worker-port.ts'

const MAX_EPOCH = 0xffff_ffff
const MAX_HELLO_BYTES = 256
const MAX_FRAME_BYTES = 65_664

/** What the worker of a contracts enclave may ask. */
export function contractsMethods(role: ContractsRole): ReadonlyMap<string, Method> {
  return new Map([
    [
      'releaseRequest',
      method(
        { contract: accountField, epoch: integer(MAX_EPOCH), nonce: fixedHex(32) },
        async ({ contract, epoch, nonce }) => {
          const request = await role.release.request(contract, epoch, nonce)
          if (!request.ok) return request
          const { binding, evidence: given } = request.value
          return ok({
            binding: toHex(encode(releaseBinding, binding)),
            evidence: toHex(encode(cpuEvidence, given)),
            ephemeralKey: toHex(binding.ephemeralKey),
          })
        },
      ),
    ],
    [
      'releaseFinish',
      method({ ephemeralKey: fixedHex(32), sealed: hexBytes(256) }, async (params) => {
        const finished = await role.finishRelease(params.ephemeralKey, params.sealed)
        if (!finished.ok) return finished
        if ('needed' in finished.value) return ok({ needed: finished.value.needed })
        const { note, signature } = finished.value
        return ok({
          needed: 0,
          note: toHex(encode(inboxKeyNote, note)),
          signature: toHex(signature),
        })
      }),
    ],
    [
      'step',
      method({ contract: accountField }, async ({ contract }) => {
        const commit = await role.step(contract)
        if (!commit.ok) return commit
        if (commit.value === undefined) return ok({ commit: null })
        const { payload, signature, blob } = commit.value
        return ok({
          commit: toHex(encode(commitPayload, payload)),
          signature: toHex(signature),
          blob: toHex(blob),
        })
      }),
    ],
    [
      'session',
      method({ hello: hexBytes(MAX_HELLO_BYTES) }, async ({ hello }) => {
        const answer = await role.openSession(hello)
        return answer.ok ? ok({ answer: toHex(answer.value) }) : answer
      }),
    ],
    [
      'frame',
      method({ frame: hexBytes(MAX_FRAME_BYTES) }, async ({ frame }) => {
        const answer = await role.frame(frame)
        return answer.ok ? ok({ frame: toHex(answer.value) }) : answer
      }),
    ],
  ])
}
