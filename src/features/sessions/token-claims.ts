type Claims = Readonly<Record<string, unknown>>

/** The texts of a claim that is a list of them. */
export const textsOf = (claim: unknown): string[] => (Array.isArray(claim) ? claim.filter((one) => typeof one === 'string') : [])

/** The tenant that a token was signed for. */
export const tenantNamed = ({ tid }: Claims): string | null => (typeof tid === 'string' ? tid : null)
