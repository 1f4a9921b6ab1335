import {
  bytes,
  ok,
  option,
  struct,
  u16,
  u32,
  u64,
  SS58_PREFIX,
  type Codec,
  type Hash,
} from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import {
  OPERATION_PS,
  weigh,
  weightCodec,
  ZERO_WEIGHT,
  type Weight,
} from '../../framework/weights.ts'
import {
  BASE_EXTRINSIC_WEIGHT,
  MAX_BLOCK_BYTES,
  MAX_BLOCK_WEIGHT,
  MAX_NORMAL_BYTES,
  MAX_NORMAL_WEIGHT,
} from '../../limits.ts'
import { runtimeVersion, type RuntimeVersion } from '../../version.ts'
import {
  BLOCK_HASH_COUNT,
  perClass,
  systemErrors,
  systemEvents,
  systemStorage,
  type PerClass,
} from './types.ts'

type Remark = { readonly remark: Uint8Array }

const remarkArgs = struct({ remark: bytes })

/** Indices as in frame_system. */
export const systemCalls: Calls<{ remark: Remark; remark_with_event: Remark }> = defineCalls({
  remark: {
    index: 0,
    args: remarkArgs,
    docs: ['Puts bytes into a block and nothing into the state.'],
    weight: ({ remark }) => weigh({ bytes: remark.length }),
    dispatch: () => ok(),
  },
  remark_with_event: {
    index: 7,
    args: remarkArgs,
    docs: ['Puts bytes into a block and their hash into an event.'],
    weight: ({ remark }) => weigh({ bytes: 2 * remark.length }),
    dispatch(context, { remark }) {
      const sender = ensureSigned(context.origin)
      if (!sender.ok) return sender
      const hash = context.state.hashes.blake2b256(remark) as Hash
      context.deposit(systemEvents.Remarked({ sender: sender.value, hash }))
      return ok()
    },
  },
})

type ClassLimits = {
  readonly base_extrinsic: Weight
  readonly max_extrinsic: Weight | undefined
  readonly max_total: Weight | undefined
  readonly reserved: Weight | undefined
}
type BlockWeights = {
  readonly base_block: Weight
  readonly max_block: Weight
  readonly per_class: PerClass<ClassLimits>
}

const limitsPath = (name: string): { readonly path: readonly string[] } => ({
  path: ['frame_system', 'limits', name],
})
const classLimits: Codec<ClassLimits> = struct(
  {
    base_extrinsic: weightCodec,
    max_extrinsic: option(weightCodec),
    max_total: option(weightCodec),
    reserved: option(weightCodec),
  },
  limitsPath('WeightsPerClass'),
)
const blockWeights: Codec<BlockWeights> = struct(
  { base_block: weightCodec, max_block: weightCodec, per_class: perClass(classLimits) },
  limitsPath('BlockWeights'),
)
const blockLength = struct({ max: perClass(u32) }, limitsPath('BlockLength'))
const dbWeight = struct({ read: u64, write: u64 }, { path: ['sp_weights', 'RuntimeDbWeight'] })

const limit = (max: Weight | undefined): ClassLimits => ({
  base_extrinsic: BASE_EXTRINSIC_WEIGHT,
  max_extrinsic: max,
  max_total: max,
  reserved: undefined,
})
const BLOCK_WEIGHTS: BlockWeights = {
  base_block: ZERO_WEIGHT,
  max_block: MAX_BLOCK_WEIGHT,
  per_class: {
    normal: limit(MAX_NORMAL_WEIGHT),
    operational: limit(MAX_BLOCK_WEIGHT),
    mandatory: limit(undefined),
  },
}
const BLOCK_LENGTH = {
  max: { normal: MAX_NORMAL_BYTES, operational: MAX_BLOCK_BYTES, mandatory: MAX_BLOCK_BYTES },
}

/** The pallet for rules of one version; Events is added when all pallets are composed. */
export function systemPallet(version: RuntimeVersion): Pallet {
  return definePallet({
    name: 'System',
    index: 0,
    docs: ['Accounts, blocks and events.'],
    storage: systemStorage,
    calls: systemCalls,
    events: systemEvents,
    errors: systemErrors,
    constants: {
      BlockWeights: constant(blockWeights, BLOCK_WEIGHTS, 'Limits of execution.'),
      BlockLength: constant(blockLength, BLOCK_LENGTH, 'Limits of bytes.'),
      BlockHashCount: constant(u32, BLOCK_HASH_COUNT, 'Blocks whose hashes stay in state.'),
      DbWeight: constant(
        dbWeight,
        { read: OPERATION_PS.read, write: OPERATION_PS.write },
        'Weight of one storage operation.',
      ),
      Version: constant(runtimeVersion, version, 'Version of the rules.'),
      SS58Prefix: constant(u16, SS58_PREFIX, 'Prefix of addresses.'),
    },
  })
}
