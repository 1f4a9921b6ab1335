// The program of the sandbox's process: frames with requests come in on stdin, replies go out on
// stdout. It holds no keys, and its command line gives it no right but to read its own code.
import { readFileSync } from 'node:fs'

import { decode, encode, utf8 } from '@tacit/base'

import { encodeFrame, FrameReader } from './frame.ts'
import { Interpreter } from './interpreter.ts'
import { replyCodec, requestCodec } from './wire.ts'

/** Exit status of a fault: a broken frame, or the engine threw. */
const FAULT = 70

function main([quickJsPath = '', memoryBytes, stackBytes]: readonly string[]): void {
  const interpreter = new Interpreter({
    quickJs: new WebAssembly.Module(readFileSync(quickJsPath)),
    guest: readFileSync(new URL('./guest.js', import.meta.url)),
    memoryBytes: Number(memoryBytes),
    stackBytes: Number(stackBytes),
  })
  const reader = new FrameReader((body) => serve(interpreter, body), fault)
  process.stdin.on('data', (chunk: Uint8Array) => reader.push(chunk))
  process.stdin.on('end', () => process.exit(0))
  // A terminal's Ctrl-C reaches the whole group; it is the parent who decides when this ends.
  process.on('SIGINT', () => {})
  process.stdout.write(encodeFrame(utf8('ready')))
}

function serve(interpreter: Interpreter, body: Uint8Array): void {
  const request = decode(requestCodec, body)
  if (!request.ok) return fault()
  process.stdout.write(encodeFrame(encode(replyCodec, interpreter.call(request.value))))
}

function fault(): void {
  process.exit(FAULT)
}

process.on('uncaughtException', fault)
main(process.argv.slice(2))
