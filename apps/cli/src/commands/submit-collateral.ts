import { readFile } from 'node:fs/promises'
import { err, ok, type Result } from '@tacit/base'
import { parseBundle, parseSnpBundle } from '@tacit/attestation'
import { ATTESTATION_INDEX, attestationCalls, encodeCall } from '@tacit/runtime'
import { submitSigned } from '@tacit/sdk'
import { withChain } from '../connection.ts'
import { loadSigner, parseScheme } from '../keys.ts'
import { usageError, type Output } from '../output.ts'

export type SubmitOptions = {
  readonly from: string
  readonly rpc: string
  readonly scheme: string
}

/** No bundle with collateral that the chain keeps. */
export type SubmissionError =
  | { readonly code: 'bundle_malformed' }
  /** AMD's chain and revocation list must both be there; a chip's own certificate is not kept. */
  | { readonly code: 'bundle_incomplete' }

/** The call that stores a bundle's collateral on the chain: Intel's for a quote, AMD's for a report. */
export function encodeSubmission(text: Uint8Array): Result<Uint8Array, SubmissionError> {
  const dcap = parseBundle(text)
  if (dcap.ok) {
    const { collateral } = dcap.value
    return ok(encodeCall(ATTESTATION_INDEX, attestationCalls.submit_collateral, { collateral }))
  }
  const snp = parseSnpBundle(text)
  if (!snp.ok) return err({ code: 'bundle_malformed' })
  const { chain, crl } = snp.value.collateral
  if (chain === undefined || crl === undefined) return err({ code: 'bundle_incomplete' })
  const args = { collateral: { chain, crl } }
  return ok(encodeCall(ATTESTATION_INDEX, attestationCalls.submit_amd_collateral, args))
}

/** @throws TacitError `usage`, or what the chain says, such as dispatch_failed. */
export async function submitBundle(
  file: string,
  options: SubmitOptions,
  output: Output,
): Promise<void> {
  const text = await readFile(file).catch(() => undefined)
  if (text === undefined) throw usageError(`There is no file ${file}`, 'Check the path.')
  const call = encodeSubmission(new Uint8Array(text))
  if (!call.ok) {
    throw usageError(
      `${file} holds no collateral that the chain keeps [${call.error.code}]`,
      'Give a bundle that `tacit collateral fetch` wrote for a quote or a SEV-SNP report.',
    )
  }
  const signer = await loadSigner(options.from, parseScheme(options.scheme))
  const { block } = await withChain(options.rpc, (chain) => submitSigned(chain, call.value, signer))
  output.line(`stored in block ${block.number}`)
}
