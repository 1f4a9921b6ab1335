import { err, ok, type Coded, type Result } from '@tacit/base'
import type { Json } from '../channel/json.ts'
import { parseParams, type Field } from '../channel/params.ts'
import { toWireError, type Handler, type WireError } from '../channel/peer.ts'

type Fields = { readonly [name: string]: Field<unknown> }
type Parsed<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never
}

/** One method of the enclave: reads its parameters strictly, then answers. */
export type Method = (params: Json) => Promise<Result<Json, WireError>>

export function method<F extends Fields>(
  fields: F,
  run: (params: Parsed<F>) => Promise<Result<Json, Coded>> | Result<Json, Coded>,
): Method {
  return async (params) => {
    const parsed = parseParams(params, fields)
    if (!parsed.ok) return err(toWireError(parsed.error))
    const result = await run(parsed.value)
    return result.ok ? ok(result.value) : err(toWireError(result.error))
  }
}

/** Answers by method name; anything else is `method_unknown`. */
export function handlerOf(methods: ReadonlyMap<string, Method>): Handler {
  return (name, params) => {
    const found = methods.get(name)
    return found ? found(params) : Promise.resolve(err({ code: 'method_unknown' }))
  }
}
