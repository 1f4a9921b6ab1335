import { readFile, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { parseHex, parseUtf8 } from '@tacit/base'
import { formatTime, SNP_FAMILIES, type SnpFamily, type TrustedRoot } from '@tacit/attestation'
import {
  AMD_KDS,
  createDiskCache,
  createHttp,
  createMemoryCache,
  createObtain,
  INTEL_PCS,
  NVIDIA_OCSP,
  NVIDIA_RIM,
} from '@tacit/collateral'
import { parsePemCertificates } from '@tacit/crypto/x509'
import { TacitError } from '@tacit/sdk'
import { RPC_OPTION } from '../connection.ts'
import { toJson, usageError, type Output } from '../output.ts'
import { fetchFor, kindOf } from './fetch-evidence.ts'
import { submitBundle, type SubmitOptions } from './submit-collateral.ts'

export type FetchOptions = {
  readonly quote: string
  readonly pcs?: string
  readonly kds?: string
  readonly rim?: string
  readonly ocsp?: string
  readonly out?: string
  readonly cache?: string
  readonly root?: string | readonly string[]
  readonly family?: string
  readonly endorsement?: string
  readonly json?: boolean
}

/** What the command takes from the world; replaced in tests. */
export interface FetchWorld {
  /** Unix milliseconds. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly random: () => number
}

const MAX_EVIDENCE_BYTES = 1_048_576
const MAX_CERTIFICATE_BYTES = 16_384
const MAX_AGE_SECONDS = 6 * 3_600

const FETCH_HELP = `
Examples:
  npx tacit collateral fetch --quote quote.bin --out bundle.json && npx tacit verify bundle.json
  npx tacit collateral fetch --quote report.bin --family Milan --out bundle.json
  npx tacit collateral fetch --quote gpus.json --out bundle.json

FILE is an SGX or TDX quote, a SEV-SNP report (binary or hex), or what \`nvattest collect-evidence\`
lists as evidences. What comes is verified together with it before anything is written; with --cache
it is kept, and asked for again after six hours. No service needs a key for these documents.
--root trusts other roots than the vendor's, such as a development network's.

Errors: not_found (the platform is unknown), rate_limited, service_unreachable, collateral_refused
(with the verifier's own code), scope_mismatch, answer_stale, family_unknown (name it with --family),
vlek_not_published (give the host's certificate with --endorsement), quote_truncated, ...
`

const SUBMIT_HELP = `
Example:
  npx tacit collateral submit bundle.json --from //Alice

Anyone may submit; the chain verifies for itself and holds a deposit until newer collateral comes.

Errors: dispatch_failed (Attestation.CollateralOlder, Attestation.CollateralKnown, ...), rpc_failed.
`

const realWorld: FetchWorld = {
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
}

export function addCollateralCommand(program: Command, output: Output): void {
  const collateral = program
    .command('collateral')
    .description('Fetch what vendors publish about a platform, and give it to the chain.')
  addFetch(collateral, output)
  addSubmit(collateral, output)
}

function addFetch(collateral: Command, output: Output): void {
  collateral
    .command('fetch')
    .description("Fetch evidence's collateral, verify it, and write both as an evidence bundle.")
    .requiredOption('--quote <file>', 'quote, SEV-SNP report, or JSON of NVIDIA devices')
    .option('--pcs <url>', `Intel's service or a PCCS (default: ${INTEL_PCS})`)
    .option('--kds <url>', `AMD's service or a mirror (default: ${AMD_KDS})`)
    .option('--rim <url>', `NVIDIA's manifests (default: ${NVIDIA_RIM})`)
    .option('--ocsp <url>', `NVIDIA's responder (default: ${NVIDIA_OCSP})`)
    .option('--out <file>', 'where to write the bundle (default: standard output)')
    .option('--cache <folder>', 'keep what was verified there')
    .option('--root <files...>', "root certificates to trust instead of the vendor's, PEM or DER")
    .option('--family <name>', `of a SEV-SNP report of version 2: ${SNP_FAMILIES.join(', ')}`)
    .option('--endorsement <file>', 'VCEK or VLEK that the SEV-SNP host gave, DER')
    .option('--json', 'print one JSON object about what was fetched; needs --out')
    .addHelpText('after', FETCH_HELP)
    .action((options: FetchOptions) => fetchBundle(options, output, realWorld))
}

function addSubmit(collateral: Command, output: Output): void {
  collateral
    .command('submit')
    .description("Store a bundle's collateral on the chain.")
    .argument('<bundle>', 'file that `tacit collateral fetch` wrote')
    .requiredOption('--from <signer>', '//Alice or a key file')
    .option('--scheme <name>', "scheme of the signer's key", 'sr25519')
    .option(...RPC_OPTION)
    .addHelpText('after', SUBMIT_HELP)
    .action((file: string, options: SubmitOptions) => submitBundle(file, options, output))
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
  const kind = kindOf(await readEvidenceFile(options.quote))
  const now = (): number => Math.floor(world.now() / 1_000)
  const cache = options.cache === undefined ? createMemoryCache() : createDiskCache(options.cache)
  const { endorsement } = options
  const found = await fetchFor(kind, {
    http: createHttp(world),
    obtain: createObtain({ cache, now, maxAgeSeconds: MAX_AGE_SECONDS }),
    roots: await Promise.all([options.root ?? []].flat().map(readRoot)),
    now,
    services: options,
    family: readFamily(options.family),
    endorsement: endorsement === undefined ? undefined : await readCertificate(endorsement),
  })
  if (!found.ok) throw refused(found.error)
  const { bundle, earliestExpiry, facts } = found.value
  if (options.out === undefined) return output.line(bundle.trimEnd())
  await writeFile(options.out, bundle)
  const validUntil = formatTime(earliestExpiry)
  if (options.json) return output.line(toJson({ file: options.out, ...facts, validUntil }))
  const told = Object.entries(facts).map(([name, value]) => `${name} ${value}, `)
  output.line(`${options.out}: verified\n  ${told.join('')}valid until ${validUntil}`)
}

function refused({ code, ...facts }: { readonly code: string }): TacitError {
  return new TacitError({
    code,
    shortMessage: `No collateral: ${JSON.stringify(facts)}`,
    fix: 'Check evidence and address; where the service is busy, try again later.',
  })
}

function readFamily(text: string | undefined): SnpFamily | undefined {
  const family = SNP_FAMILIES.find((one) => one === text)
  if (text === undefined || family !== undefined) return family
  throw usageError(`${text} is no family of processors`, `Use ${SNP_FAMILIES.join(', ')}.`)
}

async function readEvidenceFile(path: string): Promise<Uint8Array> {
  const bytes = await readBounded(path, MAX_EVIDENCE_BYTES)
  const hex = parseHex((parseUtf8(bytes) ?? 'binary').trim())
  return hex.ok && hex.value.length > 0 ? hex.value : bytes
}

/** Of whichever vendor the evidence turns out to be. */
async function readRoot(path: string): Promise<TrustedRoot> {
  const certificate = await readCertificate(path)
  const fingerprint = new Uint8Array(createHash('sha256').update(certificate).digest())
  return { name: path, vendor: 'intel', certificate, fingerprint }
}

async function readCertificate(path: string): Promise<Uint8Array> {
  const bytes = await readBounded(path, MAX_CERTIFICATE_BYTES)
  const pem = parsePemCertificates(bytes, 1)
  return (pem.ok ? pem.value[0] : undefined) ?? bytes
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
