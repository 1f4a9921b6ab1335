/**
 * Blocks behind the best one whose body is kept unless the operator says otherwise: fourteen days of
 * one-second blocks; a chain that seals every ten seconds keeps 140 days.
 */
export const DEFAULT_BODY_RETENTION = 1_209_600
