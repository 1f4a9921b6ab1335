import { unit, type Codec, type Result } from '@tacit/base'
import { resultCodec } from '../api/result.ts'
import { dispatchError, type DispatchError } from './dispatch-error.ts'

/** sp_runtime::DispatchResult, as events carry it: what became of a nested call. */
export const dispatchResult: Codec<Result<void, DispatchError>> = resultCodec(
  unit as Codec<void>,
  dispatchError,
)
