import { u128, u32 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { FEE_PER_BYTE, FEE_PER_PS } from './fees.ts'
import {
  BURNED_PARTS_PER_MILLION,
  transactionPaymentEvents,
  transactionPaymentStorage,
} from './types.ts'

export const transactionPaymentPallet: Pallet = definePallet({
  name: 'TransactionPayment',
  index: 11,
  docs: ['Fees.'],
  storage: transactionPaymentStorage,
  events: transactionPaymentEvents,
  constants: {
    FeePerByte: constant(u128, FEE_PER_BYTE, 'Planck for a byte.'),
    FeePerPicosecond: constant(u128, FEE_PER_PS, 'Planck for a picosecond of weight.'),
    BurnedPartsPerMillion: constant(
      u32,
      Number(BURNED_PARTS_PER_MILLION),
      'Millionths of a fee, less the tip, that are burned; the treasury gets the rest.',
    ),
  },
})
