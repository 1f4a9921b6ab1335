import { afterEach, expect, it, vi } from 'vitest'
import { TacitError } from './errors.ts'
import { post } from './http.ts'

afterEach(() => vi.unstubAllGlobals())

it('stops reading a worker that sends without end', async () => {
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536))
      if (sent >= 8_388_608) controller.close()
    },
  })
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(endless)))
  const error = await post('http://worker.test', new Uint8Array()).catch((one: unknown) => one)
  expect(error instanceof TacitError && error.code).toBe('reply_too_large')
  expect(sent).toBeLessThan(2_097_152)
})

it('gives the whole body, and the code of a refusal', async () => {
  const replies = [new Response('abc'), new Response('{"error":{"code":"busy"}}', { status: 503 })]
  vi.stubGlobal('fetch', () => Promise.resolve(replies.shift()))
  expect(await post('http://worker.test', new Uint8Array())).toEqual(
    new TextEncoder().encode('abc'),
  )
  const error = await post('http://worker.test', new Uint8Array()).catch((one: unknown) => one)
  expect(error instanceof TacitError && error.code).toBe('busy')
})
