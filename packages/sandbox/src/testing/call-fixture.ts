import { createHash } from 'node:crypto'

import { parseUtf8, utf8, type Result } from '@tacit/base'

import type { CallOutcome, SandboxCall, SandboxError } from '../types.ts'

/** A bundle whose contract is the given JavaScript object literal. */
export function bundle(contract: string): Uint8Array {
  return utf8(`globalThis.tacitContract = { default: ${contract} }`)
}

/** A bundle with one command `go` whose body is the given JavaScript. */
export function command(body: string): Uint8Array {
  return bundle(`{ commands: { async go(ctx, input) { ${body} } } }`)
}

/** A call of the command `go` with everything that it does not say. */
export function callOf(code: Uint8Array, change: Partial<SandboxCall> = {}): SandboxCall {
  return {
    code,
    codeHash: createHash('sha256').update(code).digest(),
    kind: 'command',
    method: 'go',
    input: utf8('null'),
    context: {
      caller: new Uint8Array(32).fill(0xca),
      self: new Uint8Array(32).fill(0x5e),
      height: 42,
      timeMs: 1_700_000_000_000,
      sequence: 7n,
      seed: new Uint8Array(32).fill(9),
      value: 12n,
    },
    state: new Map(),
    gasLimit: 20_000_000n,
    deadlineMs: 10_000,
    ...change,
  }
}

/** The output as JSON, or the error. */
export function outputOf(result: Result<CallOutcome, SandboxError>): unknown {
  return result.ok ? readJson(result.value.output) : result.error
}

/** The error's code, or `ok`. */
export function codeOf(result: Result<CallOutcome, SandboxError>): string {
  return result.ok ? 'ok' : result.error.code
}

export function readJson(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(parseUtf8(bytes ?? new Uint8Array()) ?? '')
}
