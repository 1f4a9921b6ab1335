import type { Result } from '@tacit/base'
import type { DispatchError } from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'

const { pallets } = createRuntime().composition

/** An error of a call by its pallet and name. */
export function errorInWords(error: DispatchError): string {
  if (!('pallet' in error)) return 'reason' in error ? `${error.code}.${error.reason}` : error.code
  const pallet = pallets.find(({ index }) => index === error.pallet)
  const declared = Object.values(pallet?.errors ?? {}).find(({ index }) => index === error.index)
  return declared?.code ?? error.code
}

/** What became of a call within another. */
export function resultInWords(result: Result<void, DispatchError>): string {
  return result.ok ? 'took effect' : `failed: ${errorInWords(result.error)}`
}
