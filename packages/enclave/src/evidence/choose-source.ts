import { err, ok, type Result } from '@tacit/base'
import type { Random } from '../keys.ts'
import { configfsTsm, readTsmProvider, TSM_ROOT } from './configfs-tsm.ts'
import type { DeviceFiles } from './device-files.ts'
import { dstack, DSTACK_SOCKET, TAPPD_SOCKET } from './dstack.ts'
import type { EvidenceSource, SourceName } from './evidence-source.ts'
import { gramine, GRAMINE_ROOT } from './gramine.ts'
import type { Sleep } from './retry.ts'
import { teeSocket } from './tee-socket.ts'

/** What `--evidence-source` may say. */
export type SourceChoice = SourceName | 'auto'

export const SOURCE_CHOICES: readonly SourceChoice[] = [
  'auto',
  'tee-socket',
  'gramine',
  'tdx',
  'sev-snp',
  'dstack',
]

export interface ChooseOptions {
  readonly name: SourceChoice
  /** Unix socket of a platform that speaks this project's own protocol. */
  readonly teeSocketPath: string | undefined
  /** SEV-SNP: VCEK or VLEK, DER, for hosts that give none. */
  readonly certificate: Uint8Array | undefined
  readonly files: DeviceFiles
  readonly random: Random
  readonly sleep: Sleep
  readonly timeoutMs: number
  readonly places: SourcePlaces
}

/** Where Linux and the frameworks put their devices. */
export interface SourcePlaces {
  readonly tsm: string
  readonly gramine: string
  readonly dstack: string
  readonly tappd: string
  /** Whether a socket is there. */
  readonly hasSocket: (path: string) => Promise<boolean>
}

export const PLACES: Omit<SourcePlaces, 'hasSocket'> = {
  tsm: TSM_ROOT,
  gramine: GRAMINE_ROOT,
  dstack: DSTACK_SOCKET,
  tappd: TAPPD_SOCKET,
}

export type ChooseError =
  /** `tee-socket` without a path. */
  | { readonly code: 'tee_socket_missing' }
  /** None of the places has a device or socket. */
  | { readonly code: 'source_missing'; readonly looked: readonly string[] }

/**
 * The collector that is named, or with `auto` the first whose device is there: a socket that was
 * given, then Gramine, then the kernel's configfs-tsm, then dstack's sockets. Inside Gramine there
 * is no kernel to ask; a dstack container sees sockets only, its guest the kernel too.
 */
export async function chooseSource(
  options: ChooseOptions,
): Promise<Result<EvidenceSource, ChooseError>> {
  const { name, teeSocketPath, timeoutMs, places } = options
  switch (name) {
    case 'tee-socket':
      if (teeSocketPath === undefined) return err({ code: 'tee_socket_missing' })
      return ok(teeSocket(teeSocketPath, timeoutMs))
    case 'gramine':
      return ok(gramine({ ...options, root: places.gramine }))
    case 'tdx':
    case 'sev-snp':
      return ok(tsmSource(options, name === 'tdx' ? 'tdx_guest' : 'sev_guest'))
    case 'dstack':
      return ok(dstack({ socketPath: await dstackSocket(places), timeoutMs }))
    case 'auto':
      return detect(options)
  }
}

async function detect(options: ChooseOptions): Promise<Result<EvidenceSource, ChooseError>> {
  const { files, teeSocketPath, timeoutMs, places } = options
  if (teeSocketPath !== undefined) return ok(teeSocket(teeSocketPath, timeoutMs))
  const type = await files.read(`${places.gramine}/attestation_type`, 64)
  if (type.ok) return ok(gramine({ ...options, root: places.gramine }))
  const provider = await readTsmProvider({ ...options, root: places.tsm })
  if (provider.ok && (provider.value === 'tdx_guest' || provider.value === 'sev_guest')) {
    return ok(tsmSource(options, provider.value))
  }
  for (const socketPath of [places.dstack, places.tappd]) {
    if (await places.hasSocket(socketPath)) return ok(dstack({ socketPath, timeoutMs }))
  }
  const looked = [places.gramine, places.tsm, places.dstack, places.tappd]
  return err({ code: 'source_missing', looked })
}

function tsmSource(options: ChooseOptions, provider: 'tdx_guest' | 'sev_guest'): EvidenceSource {
  const { certificate, places } = options
  const given = certificate === undefined ? {} : { certificate }
  const { files, random, sleep, timeoutMs } = options
  return configfsTsm({ files, random, sleep, timeoutMs, root: places.tsm, provider, ...given })
}

/** The newer agent's where both are there. */
async function dstackSocket({ dstack, tappd, hasSocket }: SourcePlaces): Promise<string> {
  return !(await hasSocket(dstack)) && (await hasSocket(tappd)) ? tappd : dstack
}
