/** The part of sodium-native that is used; the package ships no types. */
declare module 'sodium-native' {
  const sodium: {
    crypto_sign_verify_detached(
      signature: Uint8Array,
      message: Uint8Array,
      publicKey: Uint8Array,
    ): boolean
    crypto_generichash(output: Uint8Array, input: Uint8Array): void
  }
  export default sodium
}
