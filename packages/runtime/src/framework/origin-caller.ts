import { accountId, mapped, variant, type AccountId, type CaseOf, type Codec } from '@tacit/base'
import type { Origin } from './origin.ts'

type RawOrigin = CaseOf<'Root'> | CaseOf<'Signed', AccountId> | CaseOf<'None'>

/** frame_support::dispatch::RawOrigin. */
const rawOrigin: Codec<RawOrigin> = variant(
  { Root: [0], Signed: [1, accountId], None: [2] },
  {
    path: ['frame_support', 'dispatch', 'RawOrigin'],
    params: [{ name: 'AccountId', type: accountId.type }],
  },
)

const onWire = variant({ system: [0, rawOrigin] }, { path: ['tacit_runtime', 'OriginCaller'] })

/** The runtime's OriginCaller: an origin among arguments or in state, without its filter. */
export const originCaller: Codec<Origin> = mapped(
  onWire,
  ({ value }): Origin =>
    value.type === 'Signed' ? { type: 'Signed', who: value.value } : { type: value.type },
  (origin) => {
    const value: RawOrigin =
      origin.type === 'Signed' ? { type: 'Signed', value: origin.who } : { type: origin.type }
    return { type: 'system', value } as const
  },
)
