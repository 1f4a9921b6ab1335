import { readFile, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { parseHex, parseUtf8 } from '@tacit/base'
import { INTEL_SGX_ROOT_CA, type TrustedRoot } from '@tacit/attestation'
import {
  createDiskCache,
  createHttp,
  createIntelSource,
  createMemoryCache,
  createObtain,
  INTEL_PCS,
  writeBundle,
} from '@tacit/collateral'
import { native } from '@tacit/crypto/native'
import { parsePemCertificates } from '@tacit/crypto/x509'
import { TacitError } from '@tacit/sdk'
import { toJson, usageError, type Output } from '../output.ts'

export type FetchOptions = {
  readonly quote: string
  readonly pcs: string
  readonly out?: string
  readonly cache?: string
  readonly root?: string
  readonly json?: boolean
}

/** What the command takes from the world; replaced in tests. */
export interface FetchWorld {
  /** Unix milliseconds. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly random: () => number
}

const MAX_QUOTE_BYTES = 65_536
const MAX_ROOT_BYTES = 16_384
const MAX_AGE_SECONDS = 6 * 3_600

const HELP = `
Example:
  npx tacit collateral fetch --quote quote.bin --out bundle.json && npx tacit verify bundle.json

Intel's service needs no key for these documents; a PCCS is named by its address, without a path.
What comes is verified before it is written; with --cache it is kept, and asked for again after
six hours. --root trusts another root than Intel's, such as a development network's.

Errors: not_found (the platform is unknown), rate_limited, service_unreachable, collateral_refused
(with the verifier's own code), scope_mismatch, answer_stale, quote_truncated, ...
`

const realWorld: FetchWorld = {
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
}

export function addCollateralCommand(program: Command, output: Output): void {
  const collateral = program
    .command('collateral')
    .description('Fetch what vendors publish about a platform.')
  collateral
    .command('fetch')
    .description("Fetch a quote's collateral, verify it, and write both as an evidence bundle.")
    .requiredOption('--quote <file>', 'SGX or TDX quote, binary or hex')
    .option('--pcs <url>', "Intel's service or a PCCS", INTEL_PCS)
    .option('--out <file>', 'where to write the bundle (default: standard output)')
    .option('--cache <folder>', 'keep what was verified there')
    .option('--root <file>', "root certificate to trust instead of Intel's, PEM or DER")
    .option('--json', 'print one JSON object about what was fetched; needs --out')
    .addHelpText('after', HELP)
    .action((options: FetchOptions) => fetchBundle(options, output, realWorld))
}

/** @throws TacitError `usage`, or the code of what went wrong. */
export async function fetchBundle(
  options: FetchOptions,
  output: Output,
  world: FetchWorld,
): Promise<void> {
  if (options.json && options.out === undefined) {
    throw usageError('--json would mix with the bundle', 'Add --out with a file for the bundle.')
  }
  const quote = await readQuoteFile(options.quote)
  const now = (): number => Math.floor(world.now() / 1_000)
  const cache = options.cache === undefined ? createMemoryCache() : createDiskCache(options.cache)
  const source = createIntelSource({
    http: createHttp(world),
    obtain: createObtain({ cache, now, maxAgeSeconds: MAX_AGE_SECONDS }),
    baseUrl: options.pcs,
    roots: [options.root === undefined ? INTEL_SGX_ROOT_CA : await readRoot(options.root)],
    verify: (check) => native.verify(check),
    now,
  })
  const found = await source.forQuote(quote)
  if (!found.ok) throw refused(found.error, options.pcs)
  const { collateral, verdict } = found.value.value
  const bundle = writeBundle({ quote, collateral, verifyAt: now() })
  if (options.out === undefined) return output.line(bundle.trimEnd())
  await writeFile(options.out, bundle)
  const { tcbEvaluationDataNumber, earliestExpiry } = verdict
  const validUntil = new Date(earliestExpiry * 1_000).toISOString().replace('.000Z', 'Z')
  const { from } = found.value
  if (options.json) {
    output.line(toJson({ file: options.out, from, tcbEvaluationDataNumber, validUntil }))
    return
  }
  output.line(
    `${options.out}: verified, from the ${from}\n` +
      `  TCB evaluation data number ${tcbEvaluationDataNumber}, valid until ${validUntil}`,
  )
}

function refused(error: { readonly code: string }, service: string): TacitError {
  const { code, ...facts } = error
  return new TacitError({
    code,
    shortMessage: `No collateral from ${service}: ${JSON.stringify(facts)}`,
    fix: 'Check quote and address; where the service is busy, try again later.',
  })
}

async function readQuoteFile(path: string): Promise<Uint8Array> {
  const bytes = await readBounded(path, MAX_QUOTE_BYTES)
  const hex = parseHex((parseUtf8(bytes) ?? 'binary').trim())
  return hex.ok && hex.value.length > 0 ? hex.value : bytes
}

async function readRoot(path: string): Promise<TrustedRoot> {
  const bytes = await readBounded(path, MAX_ROOT_BYTES)
  const pem = parsePemCertificates(bytes, 1)
  const certificate = (pem.ok ? pem.value[0] : undefined) ?? bytes
  const fingerprint = new Uint8Array(createHash('sha256').update(certificate).digest())
  return { name: path, vendor: 'intel', certificate, fingerprint }
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  const size = await stat(path).then(
    (one) => (one.isFile() ? one.size : -1),
    () => -1,
  )
  if (size < 0) throw usageError(`There is no file ${path}`, 'Check the path.')
  if (size > maxBytes) throw usageError(`${path} has ${size} bytes`, 'Check the file.')
  return new Uint8Array(await readFile(path))
}
