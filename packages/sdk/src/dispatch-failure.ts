import type { Composition, DecodedEvent, DispatchError } from '@tacit/runtime'
import { TacitError } from './errors.ts'

/** The error of an included extrinsic that did not take effect, by its pallet's own words. */
export function explainDispatchError(composition: Composition, failed: DecodedEvent): TacitError {
  const { dispatch_error: error } = failed.value.value as { dispatch_error: DispatchError }
  const { name, doc } = nameError(composition, error)
  return new TacitError({
    code: 'dispatch_failed',
    shortMessage: `The chain refused the call with ${name}${doc === '' ? '' : `: ${doc}`}`,
    fix: 'Correct the call and submit it again; its fee was charged.',
    details: { error: name },
  })
}

function nameError(
  composition: Composition,
  error: DispatchError,
): { readonly name: string; readonly doc: string } {
  if (!('pallet' in error)) {
    const reason = 'reason' in error ? `.${error.reason}` : ''
    return { name: `${error.code}${reason}`, doc: '' }
  }
  const pallet = composition.pallets.find(({ index }) => index === error.pallet)
  const declared = Object.values(pallet?.errors ?? {}).find(({ index }) => index === error.index)
  return { name: declared?.code ?? error.code, doc: declared?.doc ?? '' }
}
