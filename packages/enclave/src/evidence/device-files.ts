import { constants } from 'node:fs'
import { mkdir, open, rmdir, type FileHandle } from 'node:fs/promises'
import { err, ok, type Result } from '@tacit/base'

/** Why a device's file gave nothing. */
export type FileReason =
  /** The device, or this attribute of it, is not there. */
  | 'device_missing'
  | 'device_denied'
  /** Others use it: it was tried again, always in vain. */
  | 'device_busy'
  /** The content is larger than the device or this program allows. */
  | 'device_too_large'
  /** Any other fault of the kernel's. */
  | 'device_failed'

/** A fault by its name in errno(3), such as ENOENT; ESHORT where a write took only a part. */
export type FileFault = { readonly errno: string }

/** The few calls that devices made of files need; replaced in tests. */
export interface DeviceFiles {
  makeDirectory(path: string): Promise<Result<void, FileFault>>
  removeDirectory(path: string): Promise<Result<void, FileFault>>
  /** Reads to the end, in as many pieces as come; EFBIG beyond maxBytes. */
  read(path: string, maxBytes: number): Promise<Result<Uint8Array, FileFault>>
  /** Writes all bytes in one call to a file that exists: in a device each call is a request. */
  write(path: string, bytes: Uint8Array): Promise<Result<void, FileFault>>
}

/** The real files. */
export const nodeFiles: DeviceFiles = {
  makeDirectory: (path) => caught(() => mkdir(path)),
  removeDirectory: (path) => caught(() => rmdir(path)),
  read: async (path, maxBytes) => {
    const bytes = await withFile(path, constants.O_RDONLY, (file) => readAll(file, maxBytes))
    if (!bytes.ok) return bytes
    return bytes.value === undefined ? err({ errno: 'EFBIG' }) : ok(bytes.value)
  },
  write: async (path, bytes) => {
    const count = await withFile(path, constants.O_WRONLY, async (file) => {
      return (await file.write(bytes)).bytesWritten
    })
    if (!count.ok) return count
    return count.value === bytes.length ? ok() : err({ errno: 'ESHORT' })
  },
}

/** Names a fault for whoever asked for evidence. */
export function reasonOf({ errno }: FileFault): FileReason {
  switch (errno) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENODEV':
      return 'device_missing'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'device_denied'
    case 'EBUSY':
    case 'EINTR':
    case 'EAGAIN':
      return 'device_busy'
    case 'EFBIG':
      return 'device_too_large'
    default:
      return 'device_failed'
  }
}

async function withFile<T>(
  path: string,
  flags: number,
  use: (file: FileHandle) => Promise<T>,
): Promise<Result<T, FileFault>> {
  return caught(async () => {
    const file = await open(path, flags)
    try {
      return await use(file)
    } finally {
      await file.close()
    }
  })
}

/** The size that a device's file shows means nothing: it is read until nothing more comes. */
async function readAll(file: FileHandle, maxBytes: number): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(maxBytes + 1)
  let length = 0
  while (length <= maxBytes) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null)
    if (bytesRead === 0) return buffer.slice(0, length)
    length += bytesRead
  }
  return undefined
}

async function caught<T>(task: () => Promise<T>): Promise<Result<T, FileFault>> {
  try {
    return ok(await task())
  } catch (fault) {
    const { code } = fault as { readonly code?: unknown }
    if (typeof code !== 'string') throw fault
    return err({ errno: code })
  }
}
