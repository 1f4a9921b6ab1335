import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'
import type { Hash } from '@tacit/base'
import { contractBundleOptions } from '@tacit/contract/bundle'
import { native } from '@tacit/crypto/native'
import { TacitError } from '@tacit/sdk'

/**
 * Bundles a contract into the module that is deployed; the same sources give the same bytes.
 * @throws TacitError `contract_build_failed`.
 */
export async function buildContract(entry: string): Promise<{ code: Uint8Array; hash: Hash }> {
  await readFile(entry).catch(() => {
    throw failed(`there is no file ${entry}`)
  })
  const result = await build({ ...contractBundleOptions, entryPoints: [entry] }).catch(
    (error: unknown) => {
      throw failed(error instanceof Error ? error.message : String(error))
    },
  )
  const code = result.outputFiles[0]?.contents
  if (!code) throw failed('esbuild gave no output')
  return { code, hash: native.hashes.blake2b256(code) as Hash }
}

function failed(why: string): TacitError {
  return new TacitError({
    code: 'contract_build_failed',
    shortMessage: `The contract could not be bundled: ${why}`,
    fix: 'Correct what is named; a contract may only import code that runs without Node or a browser.',
  })
}
