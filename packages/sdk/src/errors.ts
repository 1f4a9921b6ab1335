/** What a failure says to a person and to a program. */
export type TacitErrorFields = {
  /** Stable, snake_case; the thing to switch on. */
  readonly code: string
  /** One sentence: what happened. */
  readonly shortMessage: string
  /** One sentence: what to do about it. */
  readonly fix: string
  /** Page of the documentation, where there is one. */
  readonly docs?: string
  readonly cause?: unknown
  /** The coded error of a lower layer, as it was. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** The one error that the SDK throws. */
export class TacitError extends Error {
  override readonly name = 'TacitError'
  readonly code: string
  readonly shortMessage: string
  readonly fix: string
  readonly docs: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(fields: TacitErrorFields) {
    super(`${fields.shortMessage} (${fields.code})\n  Fix: ${fields.fix}`, { cause: fields.cause })
    this.code = fields.code
    this.shortMessage = fields.shortMessage
    this.fix = fields.fix
    this.docs = fields.docs
    this.details = fields.details ?? {}
  }
}

/** Turns a coded error of a lower layer into one that is thrown. */
export function tacitError(
  error: { readonly code: string },
  shortMessage: string,
  fix: string,
): TacitError {
  return new TacitError({ code: error.code, shortMessage, fix, details: { ...error } })
}
