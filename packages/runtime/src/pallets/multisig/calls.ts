import { accountId, option, struct, u16, vec } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { classOfNested, type RuntimeCalls } from '../../framework/nested-calls.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { addWeights, weightCodec } from '../../framework/weights.ts'
import {
  asMultiThreshold1,
  cancelAsMulti,
  pokeDeposit,
  threshold1Weight,
  type CancelArgs,
  type PokeDepositArgs,
  type Threshold1Args,
} from './manage.ts'
import { operate, operateWeight, type Approval } from './operate.ts'
import { callHash, timepoint } from './types.ts'

type WithoutCall = Omit<Approval, 'callHash' | 'call'>

export type MultisigCalls = {
  as_multi_threshold_1: Threshold1Args
  as_multi: WithoutCall & { readonly call: RuntimeCall }
  approve_as_multi: WithoutCall & { readonly call_hash: Uint8Array }
  cancel_as_multi: CancelArgs
  poke_deposit: PokeDepositArgs
}

const accounts = vec(accountId)
const operationArgs = { threshold: u16, other_signatories: accounts }
const approvalArgs = { ...operationArgs, maybe_timepoint: option(timepoint) }

/** Indices as in pallet_multisig. */
export function multisigCalls(calls: RuntimeCalls): Calls<MultisigCalls> {
  return defineCalls<MultisigCalls>({
    as_multi_threshold_1: {
      index: 0,
      args: struct({ other_signatories: accounts, call: calls.codec }),
      docs: ['Dispatches a call as the multisig account of which one signatory is enough.'],
      classOf: ({ call }) => classOfNested(calls, [call]),
      weight: ({ other_signatories: others, call }) =>
        addWeights(threshold1Weight(others.length), calls.info(call).weight),
      dispatch: (context, args) => asMultiThreshold1(calls, context, args),
    },
    as_multi: {
      index: 1,
      args: struct({ ...approvalArgs, call: calls.codec, max_weight: weightCodec }),
      docs: [
        'Approves a call of a multisig account, and dispatches it if nothing else is missing.',
        '',
        'The first approval opens the operation and has a deposit held, until the call is',
        'dispatched or the operation cancelled. All others name its timepoint.',
      ],
      weight: ({ other_signatories: others, call, max_weight: most }) =>
        addWeights(operateWeight(others.length, calls.bytes(call).length), most),
      dispatch: (context, args) => {
        const hash = context.state.hashes.blake2b256(calls.bytes(args.call))
        return operate(calls, context, { ...args, callHash: hash })
      },
    },
    approve_as_multi: {
      index: 2,
      args: struct({ ...approvalArgs, call_hash: callHash, max_weight: weightCodec }),
      docs: ['Approves a call of a multisig account by its hash; it is not dispatched by this.'],
      weight: ({ other_signatories: others, max_weight: most }) =>
        addWeights(operateWeight(others.length, 0), most),
      dispatch: (context, args) => operate(calls, context, { ...args, callHash: args.call_hash }),
    },
    cancel_as_multi: {
      index: 3,
      args: struct({ ...operationArgs, timepoint, call_hash: callHash }),
      docs: ['Cancels an operation that the sender opened; the deposit is released.'],
      weight: ({ other_signatories: others }) => operateWeight(others.length, 0),
      dispatch: cancelAsMulti,
    },
    poke_deposit: {
      index: 4,
      args: struct({ ...operationArgs, call_hash: callHash }),
      docs: ["Brings an operation's deposit to today's amount; free if that changes it."],
      weight: ({ other_signatories: others }) => operateWeight(others.length, 0),
      dispatch: pokeDeposit,
    },
  })
}
