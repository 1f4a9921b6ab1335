import { err, ok, parseUtf8, utf8, type Result } from '@tacit/base'
import type { DeviceFiles, FileFault } from '../evidence/device-files.ts'

/** One entry below the kernel's `report` folder. */
interface Entry {
  generation: bigint
  /** Of the report that stands in outblob; undefined before the first. */
  readGeneration: bigint | undefined
  inblob: Uint8Array
  privlevel: number
  outblob: Uint8Array
}

export interface FakeTsmOptions {
  /** undefined: no driver is registered. */
  readonly provider: string | undefined
  /** The driver: makes a report. */
  readonly report: (inblob: Uint8Array, privlevel: number) => Uint8Array
  /** undefined: the attribute is not visible. */
  readonly auxblob?: Uint8Array
  /** undefined: the driver has no privilege levels. */
  readonly privlevelFloor?: number
  readonly firstGeneration?: bigint
}

/** The kernel's side, with hooks for everything that may go wrong in between. */
export interface FakeTsm extends DeviceFiles {
  readonly root: string
  readonly entries: Map<string, Entry>
  /** Every call in order: `mkdir`, `write inblob`, `read outblob`, ... */
  readonly calls: string[]
  /** Called before a call is carried out; an errno makes it fail instead. */
  before: (call: string, entry: Entry | undefined) => string | undefined
}

/**
 * configfs-tsm as Linux has it: an entry's generation rises with every write; a report is made when
 * outblob is read and kept until the next write; writes of binary attributes report no fault,
 * since they take effect at close. Source: drivers/virt/coco/guest/report.c, fs/configfs/file.c.
 */
export function createFakeTsm(options: FakeTsmOptions): FakeTsm {
  const root = '/sys/kernel/config/tsm/report'
  const entries = new Map<string, Entry>()
  const calls: string[] = []
  const fake: FakeTsm = {
    root,
    entries,
    calls,
    before: () => undefined,
    makeDirectory: async (path) => {
      const errno = begin('mkdir', undefined)
      if (errno !== undefined) return err({ errno })
      if (options.provider === undefined) return err({ errno: 'ENXIO' })
      if (entries.has(path)) return err({ errno: 'EEXIST' })
      entries.set(path, freshEntry(options.firstGeneration ?? 0n))
      return ok()
    },
    removeDirectory: async (path) => {
      const errno = begin('rmdir', entries.get(path))
      if (errno !== undefined) return err({ errno })
      return entries.delete(path) ? ok() : err({ errno: 'ENOENT' })
    },
    read: async (path, maxBytes) => {
      const { entry, name } = split(path)
      const errno = begin(`read ${name}`, entry)
      if (errno !== undefined) return err({ errno })
      const bytes = entry ? readAttribute(options, entry, name) : err({ errno: 'ENOENT' })
      if (!bytes.ok) return bytes
      return bytes.value.length > maxBytes ? err({ errno: 'EFBIG' }) : bytes
    },
    write: async (path, bytes) => {
      const { entry, name } = split(path)
      const errno = begin(`write ${name}`, entry)
      if (errno !== undefined) return err({ errno })
      return entry ? writeAttribute(options, entry, name, bytes) : err({ errno: 'ENOENT' })
    },
  }
  const begin = (call: string, entry: Entry | undefined): string | undefined => {
    calls.push(call)
    return fake.before(call, entry)
  }
  const split = (path: string): { entry: Entry | undefined; name: string } => {
    const slash = path.lastIndexOf('/')
    return { entry: entries.get(path.slice(0, slash)), name: path.slice(slash + 1) }
  }
  return fake
}

function freshEntry(generation: bigint): Entry {
  const empty = new Uint8Array()
  return { generation, readGeneration: undefined, inblob: empty, privlevel: 0, outblob: empty }
}

function readAttribute(
  options: FakeTsmOptions,
  entry: Entry,
  name: string,
): Result<Uint8Array, FileFault> {
  switch (name) {
    case 'provider':
      return ok(utf8(`${options.provider}\n`))
    case 'generation':
      return ok(utf8(`${entry.generation}\n`))
    case 'privlevel_floor':
      return options.privlevelFloor === undefined
        ? err({ errno: 'ENOENT' })
        : ok(utf8(`${options.privlevelFloor}\n`))
    case 'outblob':
      return readReport(options, entry)
    case 'auxblob': {
      if (options.auxblob === undefined) return err({ errno: 'ENOENT' })
      const report = readReport(options, entry)
      return report.ok ? ok(options.auxblob) : report
    }
    default:
      return err({ errno: 'EACCES' })
  }
}

function readReport(options: FakeTsmOptions, entry: Entry): Result<Uint8Array, FileFault> {
  if (entry.inblob.length === 0) return err({ errno: 'EINVAL' })
  if (entry.readGeneration !== entry.generation) {
    entry.outblob = options.report(entry.inblob, entry.privlevel)
    entry.readGeneration = entry.generation
  }
  return ok(entry.outblob)
}

function writeAttribute(
  { privlevelFloor }: FakeTsmOptions,
  entry: Entry,
  name: string,
  bytes: Uint8Array,
): Result<void, FileFault> {
  if (name === 'inblob') {
    advance(entry)
    entry.inblob = bytes.slice()
    return ok()
  }
  const level = Number(parseUtf8(bytes))
  if (name !== 'privlevel' || privlevelFloor === undefined) return err({ errno: 'EACCES' })
  if (!(level >= privlevelFloor && level <= 3)) return err({ errno: 'EINVAL' })
  advance(entry)
  entry.privlevel = level
  return ok()
}

/** Also what another writer does to an entry. */
export function advance(entry: Entry): void {
  entry.generation = BigInt.asUintN(64, entry.generation + 1n)
}
