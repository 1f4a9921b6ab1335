import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servePage, type PageServer } from './serve-page.ts'

const config = { rpcUrl: 'ws://127.0.0.1:1', genesisHash: `0x${'00'.repeat(32)}` }
let page: PageServer

beforeAll(async () => {
  page = await servePage(config, 0)
})
afterAll(() => page.close())

describe('servePage', () => {
  it('serves page, style, script and configuration', async () => {
    const types = await Promise.all(
      ['/', '/page.css', '/page.js'].map(async (path) => {
        const response = await fetch(page.url + path)
        expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(500)
        return response.headers.get('content-type')
      }),
    )
    expect(types).toEqual(['text/html; charset=utf-8', 'text/css', 'text/javascript'])
    expect(await (await fetch(`${page.url}/config.json`)).json()).toEqual(config)
  })

  it('serves nothing else', async () => {
    expect((await fetch(`${page.url}/main.ts`)).status).toBe(404)
    expect((await fetch(`${page.url}/..%2fpackage.json`)).status).toBe(404)
    expect((await fetch(page.url, { method: 'POST' })).status).toBe(405)
  })

  it('says that a port is taken', async () => {
    const port = Number(new URL(page.url).port)
    await expect(servePage(config, port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
