import { bytesToHex, equalBytes, parseUtf8, utf8, type AccountId } from '@tacit/base'
import type { QueryResponse } from '@tacit/runtime'
import { querySeed } from '../release/contract-keys.ts'
import type { Random } from '../keys.ts'
import type { SessionQuery } from '../session/sessions.ts'
import type { Committed } from './contract-host.ts'
import type { CommandAnswer, ContractState } from './contract-state.ts'
import { saidBy, type RunCall } from './run-batch.ts'

/** Gives a command's sender its outcome: input {"sequence": n} (a number or decimal text). */
export const OUTPUT_METHOD = '$output'

/** Who an unauthenticated session speaks as: 32 zero bytes. */
export const NOBODY: AccountId = new Uint8Array(32) as AccountId

export interface QueryLimits {
  readonly gasLimit: bigint
  readonly deadlineMs: number
}

/** Answers a query from a committed state; every failure is an answer with its code. */
export async function answerQuery(
  committed: Committed,
  query: SessionQuery,
  env: { readonly run: RunCall; readonly random: Random; readonly limits: QueryLimits },
): Promise<QueryResponse> {
  const respond = responder(committed)
  if (query.method === OUTPUT_METHOD) {
    const answer = findAnswer(committed.state, query)
    if (typeof answer === 'string') return respond(answer)
    return respond('ok', utf8(JSON.stringify(describeAnswer(answer))))
  }
  if (query.method.startsWith('$')) return respond('method_unknown')
  const { program, facts, state } = committed
  const result = await env.run({
    code: program.code,
    codeHash: program.codeHash,
    kind: 'query',
    method: query.method,
    input: query.input,
    context: {
      caller: query.caller ?? NOBODY,
      self: program.contract,
      height: facts.head.number,
      timeMs: Number(facts.nowMs),
      sequence: 0n,
      seed: querySeed(program.stateKeys, program.contract, env.random(32)),
      value: 0n,
    },
    state: state.values,
    gasLimit: env.limits.gasLimit,
    deadlineMs: env.limits.deadlineMs,
  })
  if (result.ok) return respond('ok', result.value.output, result.value.gasUsed)
  return respond(result.error.code, saidBy(result.error), result.error.gasUsed)
}

/** Refuses a query before any state is at hand. */
export function refusal(code: string): QueryResponse {
  const nothing = new Uint8Array()
  const root = NOBODY as Uint8Array as QueryResponse['root']
  return { code, output: nothing, gasUsed: 0n, headNumber: 0, root, processed: 0n }
}

function responder({
  state,
  facts,
}: Committed): (code: string, output?: Uint8Array, gasUsed?: bigint) => QueryResponse {
  return (code, output = new Uint8Array(), gasUsed = 0n) => ({
    code,
    output,
    gasUsed,
    headNumber: facts.head.number,
    root: state.root,
    processed: state.processed,
  })
}

type AnswerRefusal =
  | 'input_invalid'
  | 'caller_required'
  | 'command_pending'
  | 'command_forgotten'
  | 'not_sender'

function findAnswer(state: ContractState, query: SessionQuery): CommandAnswer | AnswerRefusal {
  const { caller } = query
  if (caller === undefined) return 'caller_required'
  const sequence = readSequence(query.input)
  if (sequence === undefined) return 'input_invalid'
  if (sequence >= state.processed) return 'command_pending'
  const answer = state.answers.find((one) => one.sequence === sequence)
  if (answer === undefined) return 'command_forgotten'
  return equalBytes(answer.sender, caller) ? answer : 'not_sender'
}

function readSequence(input: Uint8Array): bigint | undefined {
  const match = /^\s*\{\s*"sequence"\s*:\s*("?)(\d{1,20})\1\s*\}\s*$/.exec(parseUtf8(input) ?? '')
  return match?.[2] === undefined ? undefined : BigInt(match[2])
}

/** Output is the JSON that the outcome's outputHash covers, as text, byte for byte. */
function describeAnswer({ sequence, code, output, salt }: CommandAnswer): object {
  const text = parseUtf8(output) ?? ''
  return { sequence: sequence.toString(), code, output: text, salt: `0x${bytesToHex(salt)}` }
}
