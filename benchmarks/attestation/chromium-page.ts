/** What the benchmark runs inside of Chromium; bundled by esbuild. */
import { assessDcap, decideAsync, type DcapInput } from '@tacit/attestation'
import { evidenceHashes, webcrypto } from '@tacit/crypto/webcrypto'

type Encoded = Readonly<Record<string, string>>

/** Verifies a quote from bytes to verdict so many times. @returns milliseconds of each. */
async function timeVerifications(evidence: Encoded, root: string, now: number): Promise<number[]> {
  const input = decodeInput(evidence, root, now)
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now()
    const assessed = assessDcap(input)
    const decided = assessed.ok
      ? await decideAsync(assessed.value, (check) => webcrypto.verify(check))
      : assessed
    times.push(performance.now() - started)
    if (!decided.ok) throw new Error(decided.error.code)
  }
  return times
}

const RUNS = 200

function decodeInput({ quote = '', ...parts }: Encoded, root: string, now: number): DcapInput {
  const collateral = Object.fromEntries(
    Object.entries(parts).map(([name, value]) => [name, fromBase64(value)]),
  )
  const certificate = fromBase64(root)
  const trusted = {
    name: 'root',
    vendor: 'intel',
    certificate,
    fingerprint: evidenceHashes.sha256(certificate),
  }
  return {
    quote: fromBase64(quote),
    collateral: collateral as unknown as DcapInput['collateral'],
    roots: [trusted as DcapInput['roots'][number]],
    now,
    hashes: evidenceHashes,
  }
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

Object.assign(globalThis, { timeVerifications })
