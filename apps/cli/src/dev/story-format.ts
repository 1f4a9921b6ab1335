import { formatPha } from '../amount.ts'

/** What the local network proved; `--once --json` prints it. Amounts are decimal strings, planck. */
export type StoryResult = {
  readonly genesisHash: string
  readonly justifiedHeight: number
  readonly attestation: {
    readonly status: string
    readonly advisories: readonly string[]
    readonly root: { readonly name: string; readonly fingerprint: string }
    readonly signatureChecks: number
  }
  readonly contract: {
    readonly id: string
    readonly stateRoot: string
    readonly result: { readonly price: string; readonly volume: string }
  }
  readonly query: { readonly roundTripMs: number }
  readonly payment: {
    readonly paid: string
    readonly worker: string
    readonly burned: string
    readonly treasury: string
    readonly issuanceExact: boolean
  }
  /** The file is gone with the network unless --data keeps it. */
  readonly receipt: { readonly verified: boolean; readonly file: string }
  readonly elapsedMs: number
}

/** Writes one step of the story: its number, what was proved, and how long it took. */
export type Narrator = {
  step(title: string, details: readonly string[]): void
}

/** A narrator that times each step from the end of the one before. */
export function createNarrator(write: (line: string) => void): Narrator {
  let number = 0
  let last = 0
  return {
    step(title, details) {
      const now = performance.now()
      const took = `${((now - last) / 1_000).toFixed(2)} s`
      last = now
      number++
      write(`${number}  ${title.padEnd(72)} ${took}`)
      for (const detail of details) write(`     ${detail}`)
    },
  }
}

/** Who got what of the PHA that callers paid for gas. */
export function describePayment(payment: StoryResult['payment']): string {
  const part = (text: string): string => formatPha(BigInt(text))
  return (
    `paid ${part(payment.paid)}: worker ${part(payment.worker)}, burned ${part(payment.burned)}, ` +
    `treasury ${part(payment.treasury)}`
  )
}
