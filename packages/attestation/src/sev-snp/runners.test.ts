import { unwrap } from '@tacit/base'
import { portable } from '@tacit/crypto/portable'
import { webcrypto } from '@tacit/crypto/webcrypto'
import { expect, test } from 'vitest'
import { decideAsync } from '../assessment.ts'
import { evidenceFolder, flipped, verify } from '../testing/kit.ts'
import { snp } from '../testing/snp-kit.ts'
import { snpSample } from '../testing/snp-samples.ts'
import { assessSnp, decideSnp, type SnpInput } from './verify.ts'

const honest = snp()
const inputs: readonly [string, SnpInput][] = [
  ['honest', honest],
  ['a changed report', { ...honest, report: flipped(honest.report, 0x90) }],
  ...(evidenceFolder === undefined
    ? []
    : [['a real Turin', snpSample('turin-v5-microsoft').input] as [string, SnpInput]]),
]

test.each(inputs)('%s: every runner says the same', async (_, input) => {
  const expected = decideSnp(input, verify)
  expect(decideSnp(input, (check) => portable.verify(check))).toEqual(expected)
  const assessment = unwrap(assessSnp(input))
  expect(await decideAsync(assessment, (check) => webcrypto.verify(check))).toEqual(expected)
})
