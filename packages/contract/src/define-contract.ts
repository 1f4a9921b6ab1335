import type { CommandContext, QueryContext } from './context.ts'
import type { Json } from './json.ts'

/**
 * Answers one call. The input is whatever the caller sent: JSON of any shape, so check it.
 * What is returned must be JSON of at most 64 KiB and goes to the caller alone; undefined is sent
 * as null. Amounts travel as decimal strings, for JSON has no bigint.
 */
export type Handler<Context> = (
  ctx: Context,
  input: Json,
) => Json | undefined | void | Promise<Json | undefined | void>

/** A contract: how it begins, what changes it, what may be asked. */
export interface Contract {
  /** Runs once, when the contract is deployed; the caller is who deployed it. */
  readonly init?: Handler<CommandContext>
  /** Ordered by the chain, run by every worker of the contract with the same outcome. */
  readonly commands?: { readonly [method: string]: Handler<CommandContext> }
  /** Answered by one worker over an attested session, in milliseconds. */
  readonly queries?: { readonly [method: string]: Handler<QueryContext> }
}

/** Gives a contract its types; the file's default export must be its result. */
export function defineContract(contract: Contract): Contract {
  return contract
}
