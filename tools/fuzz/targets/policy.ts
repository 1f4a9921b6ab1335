import { err, ok, unwrap, utf8 } from '@tacit/base'
import { evaluatePolicy } from '../../../packages/attestation/src/policy/evaluate.ts'
import { explainPolicy } from '../../../packages/attestation/src/policy/explain-policy.ts'
import { parsePolicy } from '../../../packages/attestation/src/policy/parse-policy.ts'
import type { Policy } from '../../../packages/attestation/src/policy/policy.ts'
import {
  developmentPolicy,
  PRODUCTION_POLICY,
} from '../../../packages/attestation/src/policy/presets.ts'
import { FULL_POLICY } from '../../../packages/attestation/src/testing/full-policy.ts'
import { decide, sgx, tdx } from '../../../packages/attestation/src/testing/kit.ts'
import {
  gpuSetVerdict,
  nvidiaVerdict,
  ROOT,
  snpVerdict,
} from '../../../packages/attestation/src/testing/verdicts.ts'
import type { Verdict } from '../../../packages/attestation/src/verdict.ts'
import type { FuzzTarget } from '../target.ts'

/**
 * Nobody signs a policy: a mutant may be another policy. What is read must then be all that the
 * text says, so that it reads the same once written out, and any verdict can be judged by it.
 */
export function policyTargets(): readonly FuzzTarget[] {
  const verdicts: readonly Verdict[] = [
    unwrap(decide(tdx())),
    unwrap(decide(sgx())),
    snpVerdict(),
    nvidiaVerdict(),
    gpuSetVerdict([nvidiaVerdict(), nvidiaVerdict()]),
  ]
  return [PRODUCTION_POLICY, developmentPolicy([ROOT]), FULL_POLICY].map((policy) =>
    policyTarget(policy, verdicts),
  )
}

function policyTarget(policy: Policy, verdicts: readonly Verdict[]): FuzzTarget {
  return {
    name: `policy-${policy.name.split(':')[0]}`,
    parts: { policy: utf8(JSON.stringify(policy)) },
    weight: 4,
    run: ({ policy: text = new Uint8Array() }) => {
      const parsed = parsePolicy(text)
      if (!parsed.ok) return parsed
      const written = JSON.stringify(parsed.value)
      const again = parsePolicy(utf8(written))
      if (!again.ok) return err({ code: 'NOT READ AGAIN' })
      if (JSON.stringify(again.value) !== written) return err({ code: 'READ DIFFERENTLY' })
      for (const verdict of verdicts) {
        const result = evaluatePolicy(verdict, parsed.value)
        if (explainPolicy(result).length !== result.failed.length + 1) {
          return err({ code: 'UNEXPLAINED' })
        }
      }
      return ok('policy')
    },
  }
}
