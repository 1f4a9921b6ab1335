import { decode, encode, ok, struct, type Codec, type DecodeError, type Result } from '@tacit/base'
import type { Environment } from '../execution/environment.ts'

/** What a runtime API works on: the state behind a head, as the next block would see it. */
export type ApiContext = {
  readonly environment: Environment
  readonly metadata: (version: number) => Uint8Array | undefined
}

/** One function that clients may call on a state. */
export interface ApiMethod {
  readonly inputs: { readonly [name: string]: Codec<unknown> }
  readonly output: Codec<unknown>
  readonly doc: string
  /** From encoded inputs to the encoded output. */
  call(context: ApiContext, params: Uint8Array): Result<Uint8Array, DecodeError>
}

export interface Api {
  readonly name: string
  readonly version: number
  /** BLAKE2b-64 of the name. */
  readonly id: Uint8Array
  readonly doc: string
  readonly methods: { readonly [name: string]: ApiMethod }
}

/** Declares one method. */
export function method<I extends { readonly [name: string]: unknown }, O>(declared: {
  readonly inputs: { readonly [K in keyof I]: Codec<I[K]> }
  readonly output: Codec<O>
  readonly doc: string
  run(context: ApiContext, inputs: I): O
}): ApiMethod {
  const { inputs, output, doc } = declared
  const params = struct(inputs) as Codec<unknown> as Codec<I>
  return {
    inputs,
    output,
    doc,
    call: (context, bytes) => {
      const read = decode(params, bytes)
      return read.ok ? ok(encode(output, declared.run(context, read.value))) : read
    },
  }
}
