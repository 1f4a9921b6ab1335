import { describe, expect, it } from 'vitest'
import { encode, toHex, type Hash } from '@tacit/base'
import { portable } from '@tacit/crypto/portable'
import { digestItem, headerHash, type Header } from '@tacit/light'
import type { Rpc } from '@tacit/sdk'
import { walkAncestry, type KnownBlock } from './ancestry.ts'

const zero = new Uint8Array(32) as Hash

function chainOf(length: number): KnownBlock[] {
  const blocks: KnownBlock[] = []
  for (let number = 0; number < length; number++) {
    const logs = [{ type: 'Other' as const, value: Uint8Array.of(number) }]
    const parentHash = blocks.at(-1)?.hash ?? zero
    const header = { parentHash, number, stateRoot: zero, extrinsicsRoot: zero, digest: { logs } }
    blocks.push({ header, hash: headerHash(portable.hashes, header) })
  }
  return blocks
}

function jsonOf(header: Header): object {
  return {
    parentHash: toHex(header.parentHash),
    number: `0x${header.number.toString(16)}`,
    stateRoot: toHex(header.stateRoot),
    extrinsicsRoot: toHex(header.extrinsicsRoot),
    digest: { logs: header.digest.logs.map((log) => toHex(encode(digestItem, log))) },
  }
}

/** A node that changes what it answers. */
function nodeOf(
  blocks: readonly KnownBlock[],
  change: (json: object) => unknown = (json) => json,
): Parameters<typeof walkAncestry>[0] {
  const request = async (_method: string, [hash]: readonly unknown[] = []): Promise<unknown> => {
    const block = blocks.find((one) => toHex(one.hash) === hash)
    return block ? change(jsonOf(block.header)) : null
  }
  return { rpc: { request } as unknown as Rpc, crypto: portable }
}

async function heights(node: ReturnType<typeof nodeOf>, above: number): Promise<number[]> {
  const head = blocks.at(-1)
  if (!head) throw new Error('there is a head')
  const found = await Array.fromAsync(walkAncestry(node, head, above))
  return found.map(({ header }) => header.number)
}

const blocks = chainOf(6)

describe('walkAncestry', () => {
  it('gives the block and its ancestors down to a height, and asks for no more', async () => {
    expect(await heights(nodeOf(blocks.slice(3)), 2)).toEqual([5, 4, 3])
    expect(await heights(nodeOf([]), 4)).toEqual([5])
    expect(await heights(nodeOf([]), 5)).toEqual([])
  })

  it.each<[string, (json: object) => unknown]>([
    ['another state root', (json) => ({ ...json, stateRoot: toHex(new Uint8Array(32).fill(1)) })],
    ['another height', (json) => ({ ...json, number: '0x1' })],
    ['a height that is none', (json) => ({ ...json, number: 'x' })],
    ['a hash that is none', (json) => ({ ...json, stateRoot: '0x00' })],
    ['a digest that is none', (json) => ({ ...json, digest: { logs: ['0xff'] } })],
    ['a digest left out', (json) => ({ ...json, digest: { logs: [] } })],
    ['no header', () => null],
  ])('refuses %s', async (_name, change) => {
    await expect(heights(nodeOf(blocks, change), 0)).rejects.toMatchObject({
      code: 'node_misbehaves',
    })
  })
})
