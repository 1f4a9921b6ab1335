import { native } from '@tacit/crypto/native'
import { expect, test } from 'vitest'
import { startFromCheckpoint, type LightState } from './light-state.ts'
import { explainRestsOn, restsOn } from './rests-on.ts'
import { genesisOf, testSet } from './testing/kit.ts'

function lightOf(weights: readonly number[]): LightState {
  const checkpoint = genesisOf(testSet(weights, 1, 3n).set)
  const light = startFromCheckpoint(checkpoint.hash, checkpoint, native)
  if (!light.ok) throw new Error(light.error.code)
  return light.value
}

test('several keys, with the age of evidence', () => {
  const light = lightOf([10, 20, 30, 40])
  const report = restsOn(light, { chainClass: 'production', evidenceAgeS: 60 })
  expect(report).toEqual({
    checkpoint: light.genesisHash,
    chainClass: 'production',
    justifiedHeight: 0,
    authorityCount: 4,
    setId: 3n,
    totalWeight: 100n,
    neededWeight: 67n,
    evidenceAgeS: 60,
    revocationKnownTo: 0,
  })
  expect(explainRestsOn(report)).toEqual([
    `checkpoint: genesis 0x${Buffer.from(light.genesisHash).toString('hex')}`,
    'chain class: production',
    'authority set 3: 4 keys, 67 of 100 weight needed',
    'justified height: 0',
    'evidence age: 60 s',
    'revocations known up to height 0',
  ])
})

test('one key, without evidence', () => {
  const lines = explainRestsOn(restsOn(lightOf([1]), { chainClass: 'development' }))
  expect(lines).toContain('authority set 3: one key, 1 of 1 weight needed')
  expect(lines.join('\n')).not.toContain('evidence age')
})
