import {
  accountIdToAddress,
  bytesToHex,
  compareBytes,
  equalBytes,
  err,
  MAX_BALANCE,
  ok,
  parseAccountId,
  parseAddress,
  parseHash,
  parseHex,
  SS58_PREFIX,
  toHex,
  type AccountId,
  type Hash,
  type Result,
} from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import {
  EXISTENTIAL_DEPOSIT,
  TOKEN_DECIMALS,
  TOKEN_SYMBOL,
  vestingDeposit,
  type GenesisSpec,
  type Role,
} from '@tacit/runtime'

/** What wallets show: decimals and symbol of the token, prefix of addresses. */
export type ChainProperties = {
  readonly ss58Format: number
  readonly tokenDecimals: number
  readonly tokenSymbol: string
}

/** A chain: its name for people, its id for directories, and its first state. */
export type ChainSpec = {
  readonly name: string
  /** Lower-case letters, digits and '-', at most 32. */
  readonly id: string
  readonly genesis: GenesisSpec
}

export type ChainSpecError = {
  readonly code: 'chain_spec_invalid'
  /** Path of the field, e.g. 'balances[2].free'. */
  readonly field: string
  readonly reason: string
}

export const CHAIN_PROPERTIES: ChainProperties = {
  ss58Format: SS58_PREFIX,
  tokenDecimals: TOKEN_DECIMALS,
  tokenSymbol: TOKEN_SYMBOL,
}

const DEVELOPMENT_ACCOUNTS = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'] as const
/** A million PHA. */
const DEVELOPMENT_BALANCE = 1_000_000n * 10n ** 12n
const ROLES: readonly Role['type'][] = ['Gatekeeper', 'Contracts', 'Inference', 'Compose']

const MAX_U32 = 2n ** 32n - 1n

type Attestation = NonNullable<GenesisSpec['attestation']>

/**
 * A chain for one machine: the accounts Alice to Ferdie have a million PHA each, and the authority
 * is //Alice's ed25519 key, which everybody knows.
 * @param timeMs Unix milliseconds, before the first block.
 */
export function developmentSpec(options: {
  readonly timeMs: bigint
  readonly attestation?: Attestation
}): ChainSpec {
  const free = DEVELOPMENT_BALANCE
  const genesis: GenesisSpec = {
    chainClass: 'development',
    timeMs: options.timeMs,
    authorities: [{ id: devKeypair('Alice', 'ed25519').publicKey, weight: 1n }],
    balances: DEVELOPMENT_ACCOUNTS.map((name) => ({ who: devKeypair(name).accountId, free })),
    ...(options.attestation && { attestation: options.attestation }),
  }
  return { name: 'Tacit Development', id: 'dev', genesis }
}

/** The form in which a specification is written to a file; parseChainSpec reads it. */
export function chainSpecToJson({ name, id, genesis }: ChainSpec): unknown {
  const { chainClass, timeMs, authorities, balances, vesting, attestation } = genesis
  return {
    name,
    id,
    chainClass,
    timeMs: timeMs.toString(),
    authorities: authorities.map((one) => ({ id: toHex(one.id), weight: one.weight.toString() })),
    balances: balances.map(({ who, free }) => ({
      account: accountIdToAddress(who),
      free: free.toString(),
    })),
    ...(vesting && {
      vesting: vesting.map(({ who, begin, length, liquid }) => ({
        account: accountIdToAddress(who),
        begin: begin.toString(),
        length: length.toString(),
        liquid: liquid.toString(),
      })),
    }),
    ...(attestation && { attestation: attestationToJson(attestation) }),
  }
}

function attestationToJson({ roots, measurements }: Attestation): unknown {
  return {
    roots: roots.map(({ name, vendor, certificate, fingerprint }) => ({
      name,
      vendor,
      certificate: toHex(certificate),
      fingerprint: toHex(fingerprint),
    })),
    measurements: measurements.map(({ role, measurement }) => ({
      role: role.type,
      measurement: toHex(measurement),
    })),
  }
}

/** Leaves a reader below; caught by parseChainSpec alone. */
class Fault {
  readonly error: ChainSpecError
  constructor(field: string, reason: string) {
    this.error = { code: 'chain_spec_invalid', field, reason }
  }
}

/**
 * Reads a specification from parsed JSON. Money and times are decimal strings (planck, Unix
 * milliseconds), keys and hashes hex, accounts addresses or hex.
 */
export function parseChainSpec(json: unknown): Result<ChainSpec, ChainSpecError> {
  try {
    return ok(readSpec(json))
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault
    return err(fault.error)
  }
}

type Fields = { readonly [name: string]: unknown }

function readSpec(json: unknown): ChainSpec {
  const fields = readFields(json, 'specification', [
    'name',
    'id',
    'chainClass',
    'timeMs',
    'authorities',
    'balances',
    'vesting',
    'attestation',
  ])
  const id = readText(fields['id'], 'id')
  if (!/^[a-z0-9-]{1,32}$/.test(id)) throw new Fault('id', 'must be 1 to 32 of a-z, 0-9 and -')
  return { name: readText(fields['name'], 'name'), id, genesis: readGenesis(fields) }
}

function readGenesis(fields: Fields): GenesisSpec {
  const { chainClass, vesting, attestation } = fields
  if (chainClass !== 'development' && chainClass !== 'production')
    throw new Fault('chainClass', 'must be development or production')
  const authorities = readList(fields['authorities'], 'authorities', 1, readAuthority)
  const balances = readList(fields['balances'], 'balances', 0, readBalance)
  refuseTwins(
    authorities.map(({ id }) => id),
    'authorities',
  )
  refuseTwins(
    balances.map(({ who }) => who),
    'balances',
  )
  return {
    chainClass,
    timeMs: readAmount(fields['timeMs'], 'timeMs', 2n ** 63n),
    authorities: authorities.sort((a, b) => compareBytes(a.id, b.id)),
    balances,
    ...(vesting !== undefined && { vesting: readAllVesting(vesting, balances) }),
    ...(attestation !== undefined && { attestation: readAttestation(attestation) }),
  }
}

function readAuthority(value: unknown, field: string): { id: Uint8Array; weight: bigint } {
  const fields = readFields(value, field, ['id', 'weight'])
  const weight = readAmount(fields['weight'], `${field}.weight`, 2n ** 64n - 1n)
  return { id: readBytes(fields['id'], `${field}.id`, 32), weight }
}

function readBalance(value: unknown, field: string): { who: AccountId; free: bigint } {
  const fields = readFields(value, field, ['account', 'free'])
  const free = readAmount(fields['free'], `${field}.free`, MAX_BALANCE)
  if (free < EXISTENTIAL_DEPOSIT)
    throw new Fault(`${field}.free`, `must be at least ${EXISTENTIAL_DEPOSIT} planck`)
  return { who: readAccount(fields['account'], `${field}.account`), free }
}

type Balances = GenesisSpec['balances']
type Vesting = NonNullable<GenesisSpec['vesting']>

function readAllVesting(value: unknown, balances: Balances): Vesting {
  const vesting = readList(value, 'vesting', 0, (item, field) => readVesting(item, field, balances))
  refuseTwins(
    vesting.map(({ who }) => who),
    'vesting',
  )
  return vesting
}

function readVesting(value: unknown, field: string, balances: Balances): Vesting[number] {
  const fields = readFields(value, field, ['account', 'begin', 'length', 'liquid'])
  const who = readAccount(fields['account'], `${field}.account`)
  const begin = Number(readAmount(fields['begin'], `${field}.begin`, MAX_U32))
  const length = Number(readAmount(fields['length'], `${field}.length`, MAX_U32))
  const liquid = readAmount(fields['liquid'], `${field}.liquid`, MAX_BALANCE)
  const balance = balances.find((other) => equalBytes(other.who, who))?.free ?? 0n
  if (balance < EXISTENTIAL_DEPOSIT + vestingDeposit(1))
    throw new Fault(`${field}.account`, 'must have a balance that the deposit can be held of')
  if (balance - liquid < BigInt(Math.max(1, length)))
    throw new Fault(`${field}.liquid`, 'must leave a planck for each block of the length')
  return { who, begin, length, liquid }
}

function readAttestation(value: unknown): Attestation {
  const fields = readFields(value, 'attestation', ['roots', 'measurements'])
  return {
    roots: readList(fields['roots'], 'attestation.roots', 0, readRoot),
    measurements: readList(fields['measurements'], 'attestation.measurements', 0, readMeasurement),
  }
}

function readRoot(value: unknown, field: string): Attestation['roots'][number] {
  const fields = readFields(value, field, ['name', 'vendor', 'certificate', 'fingerprint'])
  if (fields['vendor'] !== 'intel') throw new Fault(`${field}.vendor`, 'must be intel')
  return {
    name: readText(fields['name'], `${field}.name`),
    vendor: 'intel',
    certificate: readBytes(fields['certificate'], `${field}.certificate`),
    fingerprint: readBytes(fields['fingerprint'], `${field}.fingerprint`, 32),
  }
}

function readMeasurement(value: unknown, field: string): Attestation['measurements'][number] {
  const fields = readFields(value, field, ['role', 'measurement'])
  const type = ROLES.find((name) => name === fields['role'])
  if (!type) throw new Fault(`${field}.role`, `must be one of ${ROLES.join(', ')}`)
  const measurement = parseHash(readBytes(fields['measurement'], `${field}.measurement`, 32))
  if (!measurement.ok) throw new Fault(`${field}.measurement`, 'must have 32 bytes')
  return { role: { type }, measurement: measurement.value satisfies Hash }
}

function readFields(value: unknown, field: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Fault(field, 'must be an object')
  for (const name of Object.keys(value))
    if (!known.includes(name)) throw new Fault(`${field}.${name}`, 'is unknown')
  return value as Fields
}

function readList<T>(
  value: unknown,
  field: string,
  least: number,
  read: (item: unknown, field: string) => T,
): T[] {
  if (!Array.isArray(value) || value.length < least)
    throw new Fault(field, `must be a list of at least ${least}`)
  return value.map((item, at) => read(item, `${field}[${at}]`))
}

function readText(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '' || value.length > 128)
    throw new Fault(field, 'must be a text of 1 to 128 characters')
  return value
}

function readAmount(value: unknown, field: string, max: bigint): bigint {
  if (typeof value !== 'string' || !/^\d{1,39}$/.test(value) || BigInt(value) > max)
    throw new Fault(field, `must be a decimal string of at most ${max}`)
  return BigInt(value)
}

function readBytes(value: unknown, field: string, length?: number): Uint8Array {
  const bytes = typeof value === 'string' ? parseHex(value) : undefined
  if (!bytes?.ok) throw new Fault(field, 'must be hex')
  if (length !== undefined && bytes.value.length !== length)
    throw new Fault(field, `must have ${length} bytes`)
  return bytes.value
}

function readAccount(value: unknown, field: string): AccountId {
  const text = readText(value, field)
  const account = text.startsWith('0x')
    ? parseAccountId(readBytes(text, field))
    : parseAddress(text)
  if (!account.ok) throw new Fault(field, `must be an address (${account.error.code})`)
  return account.value
}

function refuseTwins(keys: readonly Uint8Array[], field: string): void {
  if (new Set(keys.map(bytesToHex)).size < keys.length) throw new Fault(field, 'has one twice')
}
