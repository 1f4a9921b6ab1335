import {
  boundedBytes,
  encode,
  err,
  ok,
  parseUtf8,
  struct,
  type Codec,
  type Hash,
} from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { MAX_CODE_BYTES } from '../../protocol/contracts.ts'
import { hold } from '../balances/ops.ts'
import { depositFor } from '../deposit.ts'
import { codeInfo, type CodeInfo } from './records.ts'
import { contractsErrors, contractsEvents, contractsStorage } from './types.ts'

const CODE_HOLD: HoldReason = { type: 'Contracts', value: { type: 'CodeDeposit' } }
/** A module and its info, with their keys. */
const ITEMS = 2
const KEY_BYTES = 2 * 64

export type UploadCodeArgs = {
  /** One bundled JavaScript module, UTF-8. */
  readonly code: Uint8Array
}

export const uploadCodeArgs: Codec<UploadCodeArgs> = struct({ code: boundedBytes(MAX_CODE_BYTES) })

export function uploadCode(ctx: CallContext, { code }: UploadCodeArgs): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  if (code.length === 0) return err(contractsErrors.CodeEmpty)
  if (parseUtf8(code) === undefined) return err(contractsErrors.CodeNotUtf8)
  const codeHash = ctx.state.hashes.blake2b256(code) as Hash
  if (contractsStorage.CodeInfos.has(ctx.state, codeHash)) return err(contractsErrors.CodeExists)
  const info: CodeInfo = { uploader: signed.value, deposit: 0n, bytes: code.length }
  const deposit = depositFor(ITEMS, code.length + encode(codeInfo, info).length + KEY_BYTES)
  const paid = hold(ctx, CODE_HOLD, signed.value, deposit)
  if (!paid.ok) return paid
  contractsStorage.Code.set(ctx.state, codeHash, code)
  contractsStorage.CodeInfos.set(ctx.state, codeHash, { ...info, deposit })
  ctx.deposit(contractsEvents.CodeStored({ codeHash, uploader: signed.value, deposit }))
  return ok()
}
