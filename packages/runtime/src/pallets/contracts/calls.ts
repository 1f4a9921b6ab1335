import { encode } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { weigh, type Weight } from '../../framework/weights.ts'
import { STANDING_EFFORT } from '../workers/standing.ts'
import { commitPayload } from '../../protocol/contracts.ts'
import { commitArgs, type CommitArgs } from './check-commit.ts'
import { uploadCode, uploadCodeArgs, type UploadCodeArgs } from './code.ts'
import { commit } from './commit.ts'
import { deploy, deployArgs, type DeployArgs } from './deploy.ts'
import { send, sendArgs, type SendArgs } from './send.ts'

export type ContractsCalls = {
  readonly upload_code: UploadCodeArgs
  readonly deploy: DeployArgs
  readonly send: SendArgs
  readonly commit: CommitArgs
}

export const contractsCalls: Calls<ContractsCalls> = defineCalls<ContractsCalls>({
  upload_code: {
    index: 0,
    args: uploadCodeArgs,
    docs: [
      'Store a bundled module under its hash.',
      '',
      'Anyone may then deploy it. A deposit is held of the caller for every byte.',
    ],
    weight: ({ code }) => weigh({ reads: 4, writes: 5, bytes: 4 * code.length }),
    dispatch: uploadCode,
  },
  deploy: {
    index: 1,
    args: deployArgs,
    docs: [
      'Deploy a stored module as a contract that a slot serves.',
      '',
      "The constructor is the first entry of the contract's inbox and is paid like a command. The",
      "caller becomes the owner and brings the contract's account to life; a deposit is held.",
    ],
    weight: ({ init }) =>
      weigh({
        reads: 12 + STANDING_EFFORT.reads,
        writes: 9,
        bytes: 3 * init.length + STANDING_EFFORT.bytes,
      }),
    dispatch: deploy,
  },
  send: {
    index: 2,
    args: sendArgs,
    docs: [
      'Send sealed input to a contract.',
      '',
      "Held of the caller: gas at its limit, the commit's fee and the value. What the command did",
      'not use is released when it is committed; the value is paid only if it succeeds.',
    ],
    weight: ({ payload }) => weigh({ reads: 9, writes: 5, bytes: 3 * payload.length }),
    dispatch: send,
  },
  commit: {
    index: 3,
    args: commitArgs,
    docs: [
      "Apply what a contract's instance computed for the next commands of its inbox.",
      '',
      'Unsigned; the instance signs the message. Pays the worker, burns, fills the treasury,',
      'releases the rest, moves the root and makes the outbox public, all or nothing.',
    ],
    weight: weighCommit,
    paysFee: () => false,
    dispatch: commit,
  },
})

function weighCommit({ payload }: CommitArgs): Weight {
  const { outcomes, outbox } = payload
  return weigh({
    reads: 12 + 2 * STANDING_EFFORT.reads + 14 * outcomes.length + 4 * outbox.length,
    writes: 6 + 10 * outcomes.length + 2 * outbox.length,
    bytes: 2 * encode(commitPayload, payload).length + 2 * STANDING_EFFORT.bytes,
    crypto: { ed25519: 1 },
  })
}
